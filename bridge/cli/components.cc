// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/components.h"

#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/json_writer.h"
#include "bridge/cli/version.h"
#include "bridge/config/component_catalog.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr ComponentKind kKinds[] = {ComponentKind::kReceiver, ComponentKind::kProcessor,
                                    ComponentKind::kExporter, ComponentKind::kExtension};
// Of all components: the signal itself is not stable yet.
constexpr std::string_view kStability = "alpha";

std::vector<std::string> SupportedTypes(ComponentKind kind) {
  std::vector<std::string> types;
  for (std::string& type : KnownTypes(kind)) {
    if (StandingOf(kind, type) == ComponentStanding::kSupported) types.push_back(std::move(type));
  }
  return types;
}

// Extensions know no signals.
bool HasSignals(ComponentKind kind) { return kind != ComponentKind::kExtension; }

class ComponentsCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    std::vector<std::string> sections;
    for (const ComponentKind kind : kKinds) sections.emplace_back(SectionName(kind));
    app.add_option("KIND", only_, "receivers, processors, exporters or extensions")
        ->check(CLI::IsMember(sections).description(""));
  }

  // YAML is the form of the Collector's command of this name, so it is the one for humans too.
  ExitCode Run(const Console& console) override {
    if (console.format() == OutputFormat::kJson || console.format() == OutputFormat::kNdjson) {
      console.out() << JsonText(console) << '\n';
    } else {
      console.out() << YamlText();
    }
    return ExitCode::kSuccess;
  }

 private:
  [[nodiscard]] bool Wants(ComponentKind kind) const {
    return only_.empty() || only_ == SectionName(kind);
  }

  [[nodiscard]] std::string YamlText() const {
    std::string text = fmt::format("buildinfo:\n  command: flameway\n  version: {}\n", Version());
    for (const ComponentKind kind : kKinds) {
      if (!Wants(kind)) continue;
      text += fmt::format("{}:\n", SectionName(kind));
      for (const std::string& type : SupportedTypes(kind)) {
        text += fmt::format("  - name: {}\n    stability:\n      {}: {}\n", type,
                            HasSignals(kind) ? "profiles" : "extension", kStability);
      }
    }
    return text;
  }

  [[nodiscard]] std::string JsonText(const Console& console) const {
    JsonWriter json(console.format() == OutputFormat::kNdjson ? JsonWriter::Layout::kOneLine
                                                              : JsonWriter::Layout::kIndented);
    json.BeginObject().Key("buildinfo").BeginObject().Key("command").String("flameway");
    json.Key("version").String(Version()).EndObject();
    for (const ComponentKind kind : kKinds) {
      if (!Wants(kind)) continue;
      json.Key(SectionName(kind)).BeginArray();
      for (const std::string& type : SupportedTypes(kind)) {
        json.BeginObject().Key("name").String(type).Key("stability").BeginObject();
        json.Key(HasSignals(kind) ? "profiles" : "extension").String(kStability);
        json.EndObject().EndObject();
      }
      json.EndArray();
    }
    return json.EndObject().text();
  }

  std::string only_;
};

}  // namespace

std::unique_ptr<Command> MakeComponentsCommand() { return std::make_unique<ComponentsCommand>(); }

}  // namespace flameway
