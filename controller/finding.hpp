#pragma once

#include "controller/failure.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace controller {

/// Something that was looked at before it is relied on.
struct Finding {
  enum class Standing {
    ok,
    warning,       ///< a start works, and something else may not
    failure,       ///< a start would fail
    not_checkable, ///< nobody here may look
  };

  std::string host;       ///< empty: no host's, but the configuration's or the registry's
  std::string manager_id; ///< empty: of the host as a whole
  std::string check;      ///< `settings`, `connection`, `host key`, `own key`, `unit`, `rights`, …
  Standing standing = Standing::ok;
  std::string text;                                         ///< what was found
  std::string advice = {};                                  ///< what to do; may be empty
  std::optional<FailureClass> failure_class = std::nullopt; ///< of a failure
};

/// As it stands in JSON: `not_checkable`.
constexpr std::string_view to_string(Finding::Standing standing) {
  switch (standing) {
  case Finding::Standing::ok: return "ok";
  case Finding::Standing::warning: return "warning";
  case Finding::Standing::failure: return "failure";
  case Finding::Standing::not_checkable: return "not_checkable";
  }
  return "failure";
}

} // namespace controller
