// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/dice.h"
#include "tests/support/schema.h"

namespace flameway {

// How many different things generated requests can speak about. Few, so that requests share them.
struct RequestWorldOptions {
  int names = 40;
  int functions = 30;
  int mappings = 6;
  int locations = 60;
  int stacks = 40;
  int max_stack_depth = 12;
  int attributes = 30;
  int links = 8;
  int resources = 4;
  int scopes = 3;
};

// What generated requests speak about: a dictionary whose rows are drawn, row 0 null, with
// all attribute strings inline; resources and scopes likewise, without what is below them.
struct RequestWorld {
  RequestWorld(const RequestWorldOptions& options, Dice& dice);

  schema::ProfilesDictionary dictionary;
  std::vector<schema::ResourceProfiles> resources;
  std::vector<schema::ScopeProfiles> scopes;
};

}  // namespace flameway
