#pragma once

#include <string>
#include <string_view>

namespace controller {

/// What makes `after` of `before`, as `diff -u` prints it: two lines that name them, then hunks with three
/// lines around. Empty where they are the same. Pure.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name);

} // namespace controller
