#include "controller/deploy_probes.hpp"

#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

using namespace controller::deploying;
using Kind = FoundFile::Kind;

namespace {

const std::string head = "uid 0\nas root\npolkit yes\nsudo none\nuser other\njournal no_member\n";

Survey read(const std::string& output, const SurveyQuestion& question = {}) {
  return read_survey(output, question);
}

} // namespace

TEST_CASE("a survey's answer") {
  const SurveyQuestion question{"actors", {"a.service", "b@1.service"}, {"/etc/x", "/etc/y", "/etc/z"}, true};
  const auto survey =
      read(head + "regular 3\na\nb\nlink\n/dev/null\nunreadable\nreload yes\nunit\nmissing\nboot \n" +
               "unit /usr/lib/systemd/system/b@.service\nregular 0\n\nboot disabled\n" +
               "other inactive /etc/systemd/system/c d.service\nregular 4\nend\n\nother - "
               "/etc/sudoers.d/e\nother\nend\n",
           question);
  CHECK(survey.is_root);
  CHECK(survey.asked_as == "root");
  CHECK(survey.polkit_rules);
  CHECK(survey.sudo == Survey::Sudo::none);
  CHECK(survey.control_user == Survey::User::other);
  CHECK(survey.journal == Survey::Journal::no_member);
  REQUIRE(survey.files.size() == 3);
  CHECK(survey.files[0].content == "a\nb");
  CHECK(survey.files[1].kind == Kind::link);
  CHECK(survey.files[1].content == "/dev/null");
  CHECK(survey.files[2].kind == Kind::unreadable);
  CHECK(survey.needs_reload);
  REQUIRE(survey.units.size() == 2);
  CHECK(survey.units[0].file.kind == Kind::missing);
  CHECK(survey.units[0].elsewhere.empty());
  CHECK(survey.units[1].elsewhere == "/usr/lib/systemd/system/b@.service");
  CHECK(survey.units[1].file.kind == Kind::regular);
  CHECK(survey.units[0].boot.empty());
  CHECK(survey.units[1].boot == "disabled");
  REQUIRE(survey.others.size() == 2);
  CHECK(survey.others[0].path == "/etc/systemd/system/c d.service");
  CHECK(survey.others[0].active_state == "inactive");
  CHECK(survey.others[0].file.content == "end\n");
  CHECK(survey.others[1].active_state.empty());
  CHECK(survey.others[1].file.kind == Kind::other);
}

TEST_CASE("what is no answer is refused") {
  CHECK_NOTHROW(read(head + "reload no\nend\n"));
  CHECK_NOTHROW(read(head + "reload no\nother - /etc/sudoers.d/x\nregular 1\nx\nend\n"));
  for (const std::string& output :
       {std::string(), std::string("Welcome!\n") + head + "reload no\nend\n", head, head + "reload no\n",
        head + "reload no\nend", head + "reload perhaps\nend\n", head + "reload no\nend\nmore\n",
        head + "reload no\nother\nend\n", head + "reload no\nother inactive\nmissing\nend\n",
        head + "reload no\nother - /etc/passwd\nregular 1\nx\nend\n",
        head + "reload no\nother - /etc/sudoers.d/../passwd\nregular 1\nx\nend\n",
        head + "reload no\nother - /etc/sudoers.d/\nregular 1\nx\nend\n",
        head + "reload no\nother - /etc/sudoers.d/x\nregular 10\nshort\nend\n",
        head + "reload no\nother - /etc/sudoers.d/x\nregular -1\n\nend\n",
        head + "reload no\nother - /etc/sudoers.d/x\nregular 18446744073709551615\nx\nend\n"}) {
    CAPTURE(output);
    CHECK_THROWS_AS(read(output), std::invalid_argument);
  }
  for (const std::string unit :
       {"unit\nmissing\n", "unit\nmissing\nboots\n", "unit\nboot enabled\nmissing\n"}) {
    CAPTURE(unit);
    auto output = head;
    output.append("reload no\n").append(unit).append("end\n");
    CHECK_THROWS_AS(read(output, {"", {"a.service"}, {}}), std::invalid_argument);
  }
}

TEST_CASE("what came of a change") {
  CHECK_FALSE(read_change("unchanged\n").changed);
  CHECK(read_change("changed /var/lib/actorsctl/backup/x/a.service\n").backup ==
        "/var/lib/actorsctl/backup/x/a.service");
  CHECK(read_change("changed \n").changed);
  CHECK(read_change("changed \n").backup.empty());
  for (const std::string output : {"", "changed", "unchanged", "hello\n", "changed \nmore\n"})
    CHECK_THROWS_AS(read_change(output), std::invalid_argument);
}

TEST_CASE("what varies is an argument, never part of a script") {
  const std::string wild = "$(touch /tmp/x); `id` '\"\n";
  const SurveyQuestion question{wild, {wild}, {wild}};
  for (const auto& command :
       {as_root({wild}, true), survey_command(question), put_command({wild, wild, wild, wild, true}),
        remove_command(wild, wild, wild), enable_command(wild), add_to_journal_command(wild)}) {
    const auto scripts = std::count_if(command.begin(), command.end(), [&](const std::string& word) {
      return word != wild && word.find("touch") != std::string::npos;
    });
    CHECK(scripts == 0);
    CHECK(std::find(command.begin(), command.end(), wild) != command.end());
  }
}

TEST_CASE("a place's state changes with what is there") {
  CHECK(state_of({}) == "missing");
  CHECK(state_of({Kind::regular, "a"}) == systemd_units::cksum("a"));
  CHECK(state_of({Kind::regular, ""}) != state_of({}));
  CHECK(state_of({Kind::link, "/dev/null"}) == "link");
  CHECK(state_of({Kind::other, ""}) == "other");
}
