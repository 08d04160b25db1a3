#include "controller/deploy_plan.hpp"

#include "systemd_units/grant_files.hpp"
#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace controller;
using namespace controller::deploying;

namespace {

using State = DeployItem::State;
using ItemKind = DeployItem::Kind;
using Kind = FoundFile::Kind;

FoundFile file(const std::string& content) {
  return {Kind::regular, content};
}

/// A host with one manager, whose control user is `actors`.
struct Host {
  Host() {
    manager.id = "M";
    manager.service = "m.service";
    manager.exec = {"/bin/m"};
    wanted.units = {{&manager, content}};
    wanted.granted = {"m.service"};
    wanted.known = {"/etc/systemd/system/m.service"};
    wanted.control_user = "actors";
    survey.is_root = survey.polkit_rules = true;
    survey.control_user = Survey::User::other;
    survey.journal = Survey::Journal::no_member;
    survey.sudo = Survey::Sudo::usable;
    survey.units = {{{}, "", ""}};
    survey.files = {{}, {}};
  }

  [[nodiscard]] std::vector<DeployItem> plan(bool prune = false, bool replace = false) const {
    return plan_deployment(wanted, survey, {prune, replace});
  }
  /// Its only item about a unit.
  [[nodiscard]] DeployItem unit(bool replace = false) const { return plan(false, replace).front(); }

  const std::string content = systemd_units::marked("#", "[Service]\nExecStart=/bin/m\n");
  config::Manager manager;
  WantedDeployment wanted;
  Survey survey;
};

} // namespace

TEST_CASE("an empty host gets the unit, the rule and the journal") {
  const auto items = Host().plan();
  REQUIRE(items.size() == 3);
  CHECK(items[0].kind == ItemKind::unit);
  CHECK(items[0].state == State::to_write);
  CHECK(items[0].path == "/etc/systemd/system/m.service");
  CHECK(items[0].manager_id == "M");
  CHECK(items[0].state_before == "missing");
  CHECK(items[0].diff.starts_with("--- /dev/null\n+++ /etc/systemd/system/m.service\n@@ -0,0 +1,3 @@\n"));
  CHECK(items[1].kind == ItemKind::polkit_rules);
  CHECK(items[1].path == systemd_units::polkit_rules_path("actors"));
  CHECK(items[1].content.find("m.service") != std::string::npos);
  CHECK(items[2].kind == ItemKind::journal_group);
  CHECK(items[2].state == State::to_add);
}

TEST_CASE("where all is as it should be nothing is to do") {
  Host host;
  host.survey.units.front().file = file(host.content);
  host.survey.files[0] = file(systemd_units::polkit_rules_file("actors", host.wanted.granted));
  host.survey.journal = Survey::Journal::member;
  for (const auto& item : host.plan(true, true)) {
    CHECK(item.state == State::unchanged);
    CHECK(item.diff.empty());
    CHECK_FALSE(item.failure);
  }
}

TEST_CASE("what deploy wrote is changed; what it did not write, or was edited, only when told") {
  Host host;
  const auto before = systemd_units::marked("#", "[Service]\n");
  host.survey.units.front().file = file(before);
  CHECK(host.unit().state == State::to_write);
  CHECK(host.unit().text == "changed");
  CHECK(host.unit().state_before == systemd_units::cksum(before));
  for (const auto& found : {file(before + "Nice=1\n"), file("[Service]\nExecStart=/bin/theirs\n"), file(""),
                            FoundFile{Kind::link, "/dev/null"}}) {
    host.survey.units.front().file = found;
    const auto kept = host.unit();
    CHECK(kept.state == State::kept);
    REQUIRE(kept.failure);
    CHECK(kept.failure->failure_class == FailureClass::not_ours);
    CHECK(kept.failure->hint.find("--replace") != std::string::npos);
    CHECK_FALSE(kept.diff.empty()); // it is shown
    CHECK(host.unit(true).state == State::to_write);
    CHECK_FALSE(host.unit(true).failure);
  }
}

TEST_CASE("a unit that a package brings, and a template, are not put aside unasked") {
  Host host;
  host.survey.units.front().elsewhere = "/usr/lib/systemd/system/m.service";
  CHECK(host.unit().state == State::kept);
  CHECK(host.unit().text == "kept: the unit comes from /usr/lib/systemd/system/m.service");
  CHECK(host.unit(true).state == State::to_write);
  // Behind our own file it does not matter.
  host.survey.units.front().file = file(systemd_units::marked("#", ""));
  CHECK(host.unit().state == State::to_write);
}

TEST_CASE("a folder is not replaced, and what can't be seen is not judged") {
  Host host;
  host.survey.units.front().file = {Kind::other, ""};
  CHECK(host.unit(true).state == State::kept);
  host.survey.units.front().file = {Kind::unreadable, ""};
  CHECK(host.unit(true).state == State::kept);
  CHECK_FALSE(host.unit(true).failure);
}

TEST_CASE("a manager without exec: the right to control its unit, and no unit") {
  Host host;
  host.wanted.units.front().content.clear();
  host.survey.units.clear();
  CHECK(question_for(host.wanted, {}).units.empty());
  const auto items = host.plan();
  CHECK(items[0].state == State::unchanged);
  CHECK(items[0].text == "left alone: M has no exec");
  CHECK(items[1].state == State::to_write);
}

TEST_CASE("without rules of polkit there is sudo, and the other way's file is left over") {
  Host host;
  host.survey.polkit_rules = false;
  host.survey.files[0] = file(systemd_units::polkit_rules_file("actors", host.wanted.granted));
  const auto items = host.plan(true);
  REQUIRE(items.size() == 4);
  CHECK(items[1].kind == ItemKind::sudoers);
  CHECK(items[1].path == "/etc/sudoers.d/actorsctl-actors");
  CHECK(items[3].state == State::to_remove);
  CHECK(items[3].path == systemd_units::polkit_rules_path("actors"));
}

TEST_CASE(
    "a right that can't be granted is a failure of class privilege, and the unit is written all the same") {
  for (int way = 0; way < 4; ++way) {
    CAPTURE(way);
    Host host;
    host.survey.polkit_rules = way == 3;
    if (way == 0) host.survey.sudo = Survey::Sudo::none;
    if (way == 1) host.survey.sudo = Survey::Sudo::reads_no_folder;
    if (way == 2) host.survey.control_user = Survey::User::missing;
    if (way == 3) host.wanted.control_user = "ALL";
    if (way == 3) host.survey.files.clear();
    const auto items = host.plan();
    CHECK(items[0].state == State::to_write);
    CHECK(items[1].state == State::kept);
    REQUIRE(items[1].failure);
    CHECK(items[1].failure->failure_class == FailureClass::privilege);
  }
}

TEST_CASE("root and this machine need no grant") {
  Host host;
  host.survey.control_user = Survey::User::root;
  CHECK(host.plan().size() == 1);
  host.wanted.control_user.clear();
  host.survey.control_user = Survey::User::nobody;
  host.survey.files.clear();
  CHECK(question_for(host.wanted, {}).files.empty());
  CHECK(host.plan().size() == 1);
}

TEST_CASE("a name that is no user's is not asked about") {
  Host host;
  host.wanted.control_user = "%wheel";
  CHECK(question_for(host.wanted, {}).control_user.empty());
  CHECK(question_for(host.wanted, {}).files.empty());
}

TEST_CASE("what the configuration has no more is said, and removed when told and stopped") {
  Host host;
  const auto old = systemd_units::marked("#", "[Service]\n");
  const auto stale = [&](bool prune, bool replace = false) {
    const auto items = host.plan(prune, replace);
    REQUIRE(items.size() == 4);
    return items.back();
  };
  host.survey.others = {{"/etc/systemd/system/old.service", "inactive", file(old)}};
  CHECK(stale(false).state == State::unchanged);
  CHECK(stale(false).text.find("--prune") != std::string::npos);
  CHECK(stale(true).state == State::to_remove);
  CHECK(stale(true).unit == "old.service");
  CHECK(stale(true).diff.find("+++ /dev/null") != std::string::npos);
  for (const std::string state : {"active", "activating", "deactivating", ""}) {
    CAPTURE(state);
    host.survey.others.front().active_state = state;
    CHECK(stale(true, true).state == State::kept);
    CHECK(stale(true, true).failure);
  }
  host.survey.others = {{"/etc/systemd/system/old.service", "failed", file(old + "# mine\n")}};
  CHECK(stale(true).state == State::kept);
  CHECK(stale(true, true).state == State::to_remove);
  // Somebody else's, that only quotes us; and one that another name of the machine has.
  host.survey.others = {{"/etc/systemd/system/theirs.service", "inactive", file("[Unit]\n" + old)}};
  CHECK(host.plan(true, true).size() == 3);
  host.survey.others = {{"/etc/systemd/system/old.service", "inactive", file(old)}};
  host.wanted.known.emplace_back("/etc/systemd/system/old.service");
  CHECK(host.plan(true, true).size() == 3);
}

TEST_CASE("rights of a user who controls nothing any more are left over") {
  Host host;
  host.wanted.units.clear();
  host.wanted.granted.clear();
  host.survey.units.clear();
  host.survey.files[0] =
      file(systemd_units::polkit_rules_file("actors", std::vector<std::string>{"m.service"}));
  host.survey.others = {{"/etc/sudoers.d/actorsctl-other", "",
                         file(systemd_units::sudoers_file("other", std::vector<std::string>{"m.service"}))}};
  const auto items = host.plan(true);
  REQUIRE(items.size() == 2);
  CHECK(items[0].kind == ItemKind::polkit_rules);
  CHECK(items[0].state == State::to_remove);
  CHECK(items[1].kind == ItemKind::sudoers);
  CHECK(items[1].state == State::to_remove);
}

TEST_CASE("a unit that deploy writes is started at boot when told, and what is somebody else's is not") {
  Host host;
  const auto planned = [&host] { return plan_deployment(host.wanted, host.survey, {false, false, true}); };
  CHECK_FALSE(question_for(host.wanted, {}).boot);
  CHECK(question_for(host.wanted, {false, false, true}).boot);
  for (const std::string present : {"", "disabled", "enabled-runtime", "enabled"}) {
    CAPTURE(present);
    host.survey.units.front().boot = present;
    const auto item = planned().at(1);
    CHECK(item.kind == ItemKind::boot);
    CHECK(item.unit == "m.service");
    CHECK(item.manager_id == "M");
    CHECK(item.state == (present == "enabled" ? State::unchanged : State::to_add));
  }
  host.survey.units.front().boot = "disabled";
  CHECK(host.plan().at(1).kind == ItemKind::polkit_rules);
  host.survey.units.front().file = file("theirs\n");
  CHECK(planned().at(0).state == State::kept);
  CHECK(planned().at(1).kind == ItemKind::polkit_rules);
  host.wanted.units.front().content.clear();
  host.survey.units.clear();
  CHECK(planned().at(1).kind == ItemKind::polkit_rules);
}
