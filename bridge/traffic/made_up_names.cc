// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/made_up_names.h"

#include <cctype>
#include <iterator>

#include "bridge/traffic/seeded_random.h"

namespace flameway {
namespace {

constexpr std::string_view kVerbs[] = {
    "accept",  "add",     "advance", "alloc",  "append", "apply",    "assign",  "attach", "begin",
    "bind",    "build",   "cancel",  "check",  "clear",  "clone",    "close",   "commit", "copy",
    "count",   "create",  "decode",  "defer",  "detach", "dispatch", "drain",   "drop",   "emit",
    "encode",  "enqueue", "evict",   "expand", "fetch",  "fill",     "find",    "flush",  "fold",
    "forward", "free",    "grow",    "handle", "hash",   "insert",   "invoke",  "join",   "load",
    "lock",    "lookup",  "map",     "mark",   "match",  "merge",    "move",    "notify", "observe",
    "open",    "pack",    "parse",   "poll",   "pop",    "prune",    "push",    "put",    "read",
    "rebuild", "record",  "reduce",  "refill", "render", "replace",  "reserve", "reset",  "resolve",
    "resume",  "retry",   "rotate",  "route",  "scan",   "schedule", "seal",    "select", "send",
    "serve",   "shift",   "sign",    "skip",   "sort",   "split",    "start",   "step",   "stop",
    "store",   "submit",  "swap",    "sync",   "trace",  "trim",     "unlock",  "unpack", "update",
    "verify",  "visit",   "wait",    "walk",   "write"};

constexpr std::string_view kNouns[] = {
    "account", "arena",   "batch",   "block",   "body",   "bucket",  "buffer", "bundle", "cache",
    "call",    "cell",    "channel", "chunk",   "client", "cluster", "column", "config", "context",
    "counter", "cursor",  "digest",  "edge",    "entry",  "event",   "extent", "field",  "file",
    "filter",  "frame",   "future",  "graph",   "group",  "handle",  "header", "heap",   "index",
    "item",    "journal", "key",     "label",   "lease",  "level",   "limit",  "line",   "list",
    "lock",    "log",     "map",     "message", "meter",  "monitor", "node",   "object", "offset",
    "option",  "order",   "packet",  "page",    "panel",  "path",    "peer",   "plan",   "policy",
    "pool",    "price",   "probe",   "process", "queue",  "quota",   "range",  "reader", "record",
    "region",  "request", "result",  "ring",    "root",   "row",     "rule",   "sample", "schema",
    "scope",   "segment", "session", "shard",   "signal", "slot",    "socket", "stack",  "state",
    "stream",  "table",   "task",    "tenant",  "ticket", "timer",   "token",  "tree",   "value",
    "vector",  "view",    "window",  "worker",  "writer"};

constexpr std::string_view kTopics[] = {
    "audit",   "basket",  "billing", "booking", "catalog",  "checkout", "claims",  "delivery",
    "detail",  "feeds",   "fraud",   "geo",     "identity", "images",   "invoice", "ledger",
    "loyalty", "mail",    "market",  "media",   "notes",    "offers",   "orders",  "payment",
    "pricing", "profile", "quotes",  "reports", "returns",  "search",   "session", "shipping",
    "stock",   "storage", "tariff",  "tax",     "tickets",  "travel",   "vault",   "wallet"};

constexpr std::string_view kRoles[] = {"api",     "gateway", "indexer", "loader", "planner",
                                       "reader",  "relay",   "router",  "server", "store",
                                       "tracker", "worker",  "writer",  "edge",   "sync"};

constexpr std::string_view kKernelPrefixes[] = {"do_",  "__",   "",       "vfs_", "mm_",
                                                "net_", "blk_", "sched_", "sys_", "raw_"};
constexpr std::string_view kKernelSuffixes[] = {"",      "",        "_locked", "_slow",
                                                "_fast", "_noprof", "_one",    "_common"};

constexpr std::string_view kSyllables[] = {"ba",  "ce",  "di",  "fo",  "gu",  "ha",  "je",  "ki",
                                           "lo",  "mu",  "na",  "pe",  "qui", "ro",  "su",  "ta",
                                           "ve",  "wi",  "xo",  "yu",  "zan", "bor", "cil", "dun",
                                           "fer", "gas", "hul", "jor", "kel", "lim", "mar", "nor",
                                           "pol", "rin", "sel", "tor", "vax", "wen", "yor", "zul"};

template <size_t N>
std::string_view Pick(const std::string_view (&words)[N], uint64_t bits) {
  return words[bits % N];
}

std::string Capital(std::string_view word) {
  std::string text(word);
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// Projects have words of their own, which no list holds.
std::string OwnWord(uint64_t bits) {
  std::string word;
  const uint64_t syllables = 2 + bits % 2;
  for (uint64_t i = 0; i < syllables; ++i) word += Pick(kSyllables, bits >> (8 + 10 * i));
  return word;
}

// What a function's name is made of. Eight neighbours are one class.
struct Words {
  std::string_view verb;
  std::string noun;
  std::string_view second_noun;
  std::string class_noun;
  std::string_view class_role;
  std::string_view folder;
  uint64_t bits;  // for the rest
};

Words WordsOf(uint64_t seed, uint32_t number) {
  const uint64_t own = MixBits(seed, number);
  const uint64_t shared = MixBits(seed + 1, number / 8);
  return {.verb = Pick(kVerbs, own),
          .noun = own >> 60 < 9 ? OwnWord(own) : std::string(Pick(kNouns, own >> 16)),
          .second_noun = Pick(kNouns, own >> 24),
          .class_noun = shared >> 60 < 8 ? OwnWord(shared) : std::string(Pick(kNouns, shared)),
          .class_role = Pick(kRoles, shared >> 16),
          .folder = Pick(kNouns, MixBits(seed + 2, number / 40)),
          .bits = own >> 32};
}

FunctionText GoText(std::string_view package, const Words& words) {
  FunctionText text;
  std::string path(package);
  path += '/';
  path += words.folder;
  text.name = path;
  const std::string method = words.bits % 2 == 0 ? Capital(words.verb) : std::string(words.verb);
  if (words.bits % 5 != 0) {
    text.name += ".(*" + Capital(words.class_noun) + Capital(words.class_role) + ")";
  }
  text.name += "." + method + Capital(words.noun);
  if (words.bits % 9 == 0) text.name += ".func" + std::to_string(1 + words.bits % 4);
  if (words.bits % 23 == 0) text.name += "[...]";
  text.filename = path;
  text.filename += '/';
  text.filename += words.class_noun;
  text.filename += '_';
  text.filename += words.class_role;
  text.filename += ".go";
  return text;
}

FunctionText JavaText(std::string_view package, const Words& words) {
  static constexpr std::string_view kTypes[] = {
      "void", "int", "boolean", "java.lang.String", "java.lang.Object", "java.util.List"};
  const std::string type_name = Capital(words.class_noun) + Capital(words.class_role);
  FunctionText text;
  text.name = std::string(Pick(kTypes, words.bits)) + " " + std::string(package) + "." +
              std::string(words.folder) + "." + type_name + "." + std::string(words.verb) +
              Capital(words.noun) + "(";
  const uint64_t arguments = words.bits % 3;
  for (uint64_t i = 0; i < arguments; ++i) {
    if (i > 0) text.name += ", ";
    text.name += Pick(kTypes, (words.bits >> 4) + i + 1);
  }
  text.name += ")";
  text.filename = type_name + ".java";
  return text;
}

FunctionText ScriptText(std::string_view package, const Words& words, Runtime runtime) {
  FunctionText text;
  text.name = words.verb;
  if (runtime == Runtime::kNode) {
    text.name += Capital(words.noun) + Capital(words.second_noun);
  } else {
    text.name += "_" + std::string(words.noun);
    if (words.bits % 3 == 0) text.name += "_" + std::string(words.second_noun);
    if (words.bits % 4 == 0) text.name = "_" + text.name;
  }
  text.filename = package;
  text.filename += '/';
  text.filename += words.folder;
  text.filename += '/';
  text.filename += words.class_noun;
  text.filename += '_';
  text.filename += words.class_role;
  text.filename += runtime == Runtime::kNode ? ".js" : ".py";
  return text;
}

FunctionText KernelText(const Words& words) {
  FunctionText text;
  text.name = Pick(kKernelPrefixes, words.bits);
  text.name += words.verb;
  text.name += '_';
  text.name += words.noun;
  text.name += Pick(kKernelSuffixes, words.bits >> 8);
  return text;
}

}  // namespace

std::string_view FrameType(Runtime runtime) {
  switch (runtime) {
    case Runtime::kGo:
      return "go";
    case Runtime::kJava:
      return "jvm";
    case Runtime::kPython:
      return "cpython";
    case Runtime::kNode:
      return "v8js";
    case Runtime::kNative:
      return "native";
    case Runtime::kKernel:
      return "kernel";
  }
  return "native";
}

FunctionText MakeFunctionText(Runtime runtime, std::string_view package, uint64_t seed,
                              uint32_t number) {
  const Words words = WordsOf(seed, number);
  switch (runtime) {
    case Runtime::kGo:
      return GoText(package, words);
    case Runtime::kJava:
      return JavaText(package, words);
    case Runtime::kPython:
    case Runtime::kNode:
      return ScriptText(package, words, runtime);
    case Runtime::kKernel:
      return KernelText(words);
    case Runtime::kNative:
      break;
  }
  return {};
}

std::string MakeServiceName(uint64_t seed) {
  const uint64_t bits = MixBits(seed);
  return std::string(Pick(kTopics, bits)) + "-" + std::string(Pick(kRoles, bits >> 16));
}

std::string MakePackage(Runtime runtime, uint64_t seed) {
  const uint64_t bits = MixBits(seed, 3);
  const std::string topic(Pick(kTopics, bits));
  const std::string role(Pick(kRoles, bits >> 16));
  switch (runtime) {
    case Runtime::kGo:
      // Three in four as short as a standard library's.
      return bits >> 32 & 3 ? topic + "/" + role : "code.example/" + topic + "/" + role;
    case Runtime::kJava:
      return "com.example." + topic + "." + role;
    case Runtime::kPython:
      return "/opt/app/lib/python3.11/site-packages/" + topic + "_" + role;
    case Runtime::kNode:
      return "/srv/app/node_modules/" + topic + "-" + role;
    case Runtime::kNative:
    case Runtime::kKernel:
      break;
  }
  return "";
}

std::string MakeThreadName(Runtime runtime, std::string_view executable, uint32_t thread) {
  constexpr size_t kMaxBytes = 15;  // the kernel's TASK_COMM_LEN without its terminator
  std::string name;
  switch (runtime) {
    case Runtime::kJava:
      if (thread == 0) {
        name = "GC Thread#0";
      } else if (thread % 3 == 0) {
        name = "pool-" + std::to_string(thread % 4) + "-thread-" + std::to_string(thread);
      } else {
        name = "http-exec-" + std::to_string(thread);
      }
      break;
    case Runtime::kNode:
      name = thread == 0 ? "node" : "libuv-worker";
      break;
    case Runtime::kNative:
      name = thread == 0 ? std::string(executable) : "worker_" + std::to_string(thread);
      break;
    default:
      name = executable;
  }
  return name.substr(0, kMaxBytes);
}

std::string MakeHex(uint64_t seed, size_t digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  SeededRandom random(seed);
  std::string text;
  for (size_t i = 0; i < digits; ++i) text.push_back(kDigits[random.Below(16)]);
  return text;
}

std::string MakeGoBuildId(uint64_t seed) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  SeededRandom random(seed);
  std::string text;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) text.push_back('/');
    for (int i = 0; i < 20; ++i) text.push_back(kAlphabet[random.Below(64)]);
  }
  return text;
}

}  // namespace flameway
