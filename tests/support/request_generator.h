// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/support/dice.h"
#include "tests/support/request_world.h"
#include "tests/support/schema.h"

namespace flameway {

struct RequestGeneratorOptions {
  // Same options, same requests.
  uint64_t seed = 1;
  RequestWorldOptions world;

  // Upper bounds; what is drawn lies between 1 (timestamps, samples) or 0 and these.
  int resources = 3;
  int scopes = 2;
  int profiles = 3;
  int samples = 12;
  int measurements = 5;  // timestamps or values of one sample
  int windows = 3;       // distinct time ranges in all requests together

  // How often a profile is of each shape; samples of its shape but for mixed_shape_share.
  enum Shape { kEvents, kAggregate, kTimedValues, kValueLists, kShapes };
  std::array<double, kShapes> shape_weights = {4, 4, 3, 1};
  double mixed_shape_share = 0.05;
  double huge_value_share = 0.02;  // near the ends of int64, so that sums overflow
  double payload_share = 0.03;
  double profile_id_share = 0.1;

  // What a tidy sender would not do, though it is allowed or harmless.
  double duplicate_row_share = 0.05;   // a row again instead of the one that is there
  double orphan_share = 0.05;          // per sample: a stack and an attribute nobody uses
  double zero_row_share = 0.02;        // a zero row instead of index 0
  double null_attribute_share = 0.02;  // index 0 in an attribute list

  // Strings of attributes by reference instead of inline. Set 0 before renumbering to 1.8 or 1.9.
  double reference_share = 0.4;

  // A member of a family for property tests: sizes from nearly nothing to a few thousand rows, all
  // shares varied, decided by the seed alone.
  static RequestGeneratorOptions ForSeed(uint64_t seed);
};

// Random valid requests that speak about one small world, so that merging them finds equal
// resources, profiles, stacks and samples. Not thread-safe.
class RequestGenerator {
 public:
  explicit RequestGenerator(const RequestGeneratorOptions& options);

  [[nodiscard]] schema::ExportProfilesServiceRequest Next();
  [[nodiscard]] std::vector<schema::ExportProfilesServiceRequest> Take(int count);

 private:
  class DictionaryBuilder;

  void FillProfile(schema::Profile* profile, DictionaryBuilder* rows);
  void FillSample(RequestGeneratorOptions::Shape shape, const schema::Profile& profile,
                  schema::Sample* sample, DictionaryBuilder* rows);
  [[nodiscard]] int64_t DrawValue();

  RequestGeneratorOptions options_;
  Dice dice_;
  RequestWorld world_;
};

}  // namespace flameway
