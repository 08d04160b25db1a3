#include "systemd_units/grant_files.hpp"

#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace systemd_units;

namespace {

const std::vector<std::string> units{"a.service", R"(b\x2dc@1.service)"};

std::string body(const std::string& text) {
  CHECK(author_of(text) == Author::deploy);
  return text.substr(text.find('\n') + 1);
}

} // namespace

TEST_CASE("polkit: a rule for each unit, its verbs, and nothing that amounts to root") {
  const auto rules = body(polkit_rules_file("actors", units));
  const std::string rest = R"( && ["start", "stop", "restart", "reload", "reset-failed", "kill"])"
                           R"(.indexOf(action.lookup("verb")) >= 0) return polkit.Result.YES; });)"
                           "\n";
  const std::string first = R"(polkit.addRule(function(action, subject) { if (action.id == )"
                            R"("org.freedesktop.systemd1.manage-units" && subject.user == "actors" && )";
  CHECK(rules == first + R"(action.lookup("unit") == "a.service")" + rest + first +
                     R"(action.lookup("unit") == "b\\x2dc@1.service")" + rest);
}

TEST_CASE("sudoers: exact commands, without wildcards") {
  const auto lines = body(sudoers_file("actors", units));
  CHECK(lines.starts_with("actors ALL=(root) NOPASSWD: /usr/bin/systemctl --no-ask-password start a.service, "
                          "/usr/bin/systemctl --no-ask-password stop a.service, "));
  CHECK(lines.find(R"(/usr/bin/systemctl --no-ask-password kill --signal\=SIGTERM b\\\\x2dc@1.service)") !=
        std::string::npos);
  CHECK(lines.find("reset-failed a.service,") != std::string::npos);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  for (const std::string no : {"*", "?", "[", "enable", "disable", "daemon-reload", "!"}) {
    CAPTURE(no);
    CHECK(lines.find(no) == std::string::npos);
  }
}

TEST_CASE("a user that a grant can name") {
  for (const std::string user : {"actors", "_actors", "a", "john.doe", "a-B_9"}) {
    CAPTURE(user);
    CHECK(why_not_grantee(user).empty());
  }
  // Everybody, an alias, a group, a number, a netgroup, one that is no name.
  for (const std::string user : {"", "ALL", "OPS", "%wheel", "#0", "+ops", "-x", "a b", "a\nb ALL", "a,b",
                                 "0", "a\\b", "../x", "a/b", "\xc3\xbc", "!a", ".a"}) {
    CAPTURE(user);
    CHECK_FALSE(why_not_grantee(user).empty());
  }
}

TEST_CASE("a grant's file is one that is read, and another for each user") {
  CHECK(polkit_rules_path("actors") == "/etc/polkit-1/rules.d/60-actorsctl-actors.rules");
  CHECK(sudoers_path("john.doe") == "/etc/sudoers.d/actorsctl-john+doe");
  CHECK(polkit_rules_path("a.b") != polkit_rules_path("a_b"));
}
