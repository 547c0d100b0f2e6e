// SPDX-License-Identifier: Apache-2.0
// What transforms cost: merge + encode of decoded requests, K = 128, without transforms and with
// each configuration, in turns in one run. Warm: the names were met before, as in a gateway that
// runs for a minute. Speeds are of uncompressed input; the last table has each as a share of the
// speed without transforms, and the time by distinct name and by megabyte.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/corpus_set.h"
#include "processor/processor.h"
#include "processor/transform/plan.h"
#include "tests/support/corpus.h"
#include "tests/support/expanded_profiles.h"

namespace flameway {
namespace {

constexpr size_t kRequestsPerBatch = 128;
constexpr int kRounds = 12;

double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

TransformPlan PlanOf(const SymbolsOptions& options) {
  auto result = TransformRecipe::Create(options);
  if (std::holds_alternative<RecipeErrors>(result)) std::abort();
  return TransformPlan({std::get<0>(std::move(result))});
}

SymbolsOptions WithoutAddressNames() {
  SymbolsOptions options;
  options.rules.switches.push_back({.name = "native.address_name", .state = SwitchState::kOff});
  return options;
}

// Rules as a fleet might have them: one in fifty matches names of the corpus.
SymbolsOptions WithCustomRules(int count) {
  SymbolsOptions options;
  for (int i = 0; i < count; ++i) {
    CustomRule rule;
    rule.name = fmt::format("rule-{}", i);
    rule.pattern = i % 50 == 0 ? fmt::format("^(.*)[.]Handle{}$", i)
                               : fmt::format("^team{}/(.*)/v[0-9]+[.]([A-Z]\\w+){}$", i, i * 7);
    rule.replacement = "\\1";
    options.rules.rules.push_back(rule);
  }
  return options;
}

// One way of merging, with the requests it has decoded: decoding is not what is measured.
class Subject {
 public:
  Subject(std::string name, const CorpusSet& set, const TransformPlan& plan)
      : name_(std::move(name)),
        plan_(plan),
        batch_(std::make_unique<Batch>(Options(), plan.NewChain({}))) {
    for (const std::string& bytes : set.requests) {
      requests_.push_back(std::make_unique<Request>(RequestOptions{}));
      if (requests_.back()->Decode(bytes).outcome != DecodeReport::Outcome::kAccepted) std::abort();
    }
  }

  void ForgetNames() { batch_ = std::make_unique<Batch>(Options(), plan_.NewChain({})); }
  void ForgetTimes() { best_ = std::numeric_limits<double>::infinity(); }

  // Merges and encodes everything once.
  void Round() {
    messages_.clear();
    const double begin = ThreadSeconds();
    size_t merged = 0;
    for (const auto& request : requests_) {
      batch_->Merge(*request);
      if (++merged % kRequestsPerBatch == 0 || merged == requests_.size()) Flush();
    }
    best_ = std::min(best_, ThreadSeconds() - begin);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] double best() const { return best_; }
  [[nodiscard]] const TransformPlan& plan() const { return plan_; }
  // Of the last round.
  [[nodiscard]] const std::vector<std::string>& messages() const { return messages_; }

 private:
  static BatchOptions Options() {
    return {.limits = {.max_encoded_bytes = size_t{1} << 30, .max_rows_per_table = 1u << 28}};
  }
  void Flush() {
    SealedBatch sealed = batch_->Seal();
    const EncodeResult result = Encode(sealed, {});
    for (const EncodedMessage& message : result.messages) messages_.emplace_back(message.bytes);
    batch_->Recycle(std::move(sealed));
  }

  std::string name_;
  const TransformPlan& plan_;
  std::unique_ptr<Batch> batch_;
  std::vector<std::unique_ptr<Request>> requests_;
  double best_ = std::numeric_limits<double>::infinity();
  std::vector<std::string> messages_;
};

void PrintMachine() {
  std::string line;
  std::ifstream cpu("/proc/cpuinfo");
  while (std::getline(cpu, line) && line.rfind("model name", 0) != 0) {
  }
  std::printf("machine: %s\ncompiler: g++ %s, Release\n", line.c_str(), __VERSION__);
}

ExpandedProfiles MeaningOf(const std::vector<std::string>& messages) {
  ExpandedProfiles meaning;
  for (const std::string& message : messages) {
    const auto parsed = ParseRequest(message);
    if (!parsed.ok()) std::abort();
    meaning.Add(*parsed);
  }
  return meaning;
}

// Merged together, and with what was remembered, it must mean what each request means that is
// transformed by itself, by a chain that remembers nothing.
bool MeansTheSame(const CorpusSet& set, const Subject& subject) {
  std::vector<std::string> alone;
  for (const std::string& request : set.requests) {
    CorpusSet one{.name = set.name, .requests = {request}};
    Subject single(subject.name(), one, subject.plan());
    single.Round();
    alone.insert(alone.end(), single.messages().begin(), single.messages().end());
  }
  const ExpandedProfiles expected = MeaningOf(alone);
  const ExpandedProfiles actual = MeaningOf(subject.messages());
  if (expected == actual) return true;
  std::fprintf(stderr, "%s: %s means something else\n%s", set.name.c_str(), subject.name().c_str(),
               expected.DiffText(actual, 20).c_str());
  return false;
}

int Run(const CorpusSet& set, int rounds) {
  const TransformPlan none;
  SymbolsOptions every;
  const TransformPlan defaults = PlanOf(every);
  const TransformPlan custom = PlanOf(WithCustomRules(200));
  Subject plain("without transforms", set, none);
  Subject warm("default rules, warm", set, defaults);
  Subject rules("200 custom rules too, warm", set, custom);
  const TransformPlan named = PlanOf(WithoutAddressNames());
  Subject lean("without address names, warm", set, named);
  Subject cold("default rules, cold", set, defaults);
  for (Subject* subject : {&plain, &warm, &rules, &lean, &cold}) {
    for (int i = 0; i < 2; ++i) subject->Round();  // the second time with what is remembered
    if (!MeansTheSame(set, *subject)) return 1;
    subject->ForgetTimes();
  }
  for (int round = 0; round < rounds; ++round) {
    for (Subject* subject : {&plain, &warm, &rules, &lean}) subject->Round();
    cold.ForgetNames();
    cold.Round();
  }
  size_t names = 0;
  for (const std::string& message : plain.messages()) {
    const auto parsed = ParseRequest(message);
    if (!parsed.ok()) return 1;
    names += static_cast<size_t>(parsed->dictionary().function_table_size());
  }
  const double megabytes = static_cast<double>(set.bytes()) / 1e6;
  std::printf("\n%-10s %-28s %9s %9s %12s %12s\n", set.name.c_str(), "merge + encode", "ms",
              "share", "ns/function", "us/MB");
  for (const Subject* subject : {&plain, &warm, &rules, &lean, &cold}) {
    const double more = subject->best() - plain.best();
    std::printf("%-10s %-28s %9.1f %9.2f %12.0f %12.0f\n", "", subject->name().c_str(),
                1e3 * subject->best(), plain.best() / subject->best(),
                1e9 * more / static_cast<double>(names), 1e6 * more / megabytes);
  }
  return 0;
}

int Main(int argc, char** argv) {
  // As the other benches: a short run only shows that the answers are right.
  const bool brief = argc > 1 && std::string(argv[1]).starts_with("--benchmark_min_time");
  PrintMachine();
  int failed = 0;
  for (const CorpusSet& set : LoadCorpora()) failed |= Run(set, brief ? 1 : kRounds);
  return failed;
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) { return flameway::Main(argc, argv); }
