#include "ssh/unlocked_keys.hpp"

#include "tests/unit/ssh/real_agent.hpp"
#include "tests/unit/ssh/real_sshd.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using std::chrono::seconds;

namespace {

/// Somebody at a terminal who gives these answers, and notes what was asked.
struct Somebody {
  std::vector<std::string> answers, questions;

  ssh::AskPassphrase ask() {
    return [this](const std::string& question, std::span<char> answer) {
      questions.push_back(question);
      if (answers.empty()) return false;
      std::copy_n(answers.front().c_str(), answers.front().size() + 1, answer.begin());
      answers.erase(answers.begin());
      return true;
    };
  }
};

ssh::Settings with_files(std::vector<std::string> files) {
  ssh::Settings settings;
  settings.identity_agent = "none";
  settings.identity_files = std::move(files);
  return settings;
}

void unlock(ssh::UnlockedKeys& keys, const std::vector<ssh::Settings>& hosts) {
  std::vector<const ssh::Settings*> all;
  for (const auto& host : hosts)
    all.push_back(&host);
  keys.unlock(all);
}

} // namespace

TEST_CASE("a key file with a passphrase is asked for once, and opens sessions to every host") {
  const test::Sshd sshd;
  for (const std::vector<std::string>& format : {std::vector<std::string>{}, {"-m", "PEM"}}) {
    const auto key = sshd.folder / ("locked" + std::to_string(format.size()));
    const auto public_part = test::make_key(key, format.empty() ? "ed25519" : "rsa");
    std::vector<std::string> lock{"ssh-keygen", "-q", "-p", "-N", "secret words", "-f", key};
    lock.insert(lock.end(), format.begin(), format.end());
    test::run(lock);
    test::write_file(sshd.folder / "authorized_keys", public_part + "\n");

    auto settings = sshd.settings();
    settings.identity_files = {key};
    Somebody somebody{{"secret words"}, {}};
    const auto keys = std::make_shared<ssh::UnlockedKeys>(somebody.ask());
    unlock(*keys, {settings, settings});
    unlock(*keys, {settings});
    CHECK(somebody.questions == std::vector<std::string>{"passphrase for " + key + ": "});
    settings.unlocked_keys = keys;
    for (int i = 0; i < 2; ++i)
      CHECK_NOTHROW((void)ssh::Session::open(settings, sshd.dial(), test::in(seconds(10))));
  }
}

TEST_CASE("a wrong passphrase is asked for anew, three times in all; no answer is taken for no") {
  const test::TempFolder folder;
  test::make_key(folder / "locked", "ed25519", "secret words");
  const auto settings = with_files({folder / "locked"});
  {
    Somebody somebody{{"wrong", "secret words"}, {}};
    ssh::UnlockedKeys keys(somebody.ask());
    unlock(keys, {settings});
    CHECK(somebody.questions.size() == 2);
    CHECK(somebody.questions[1].find("wrong") != std::string::npos);
    CHECK(keys.find(folder / "locked"));
  }
  {
    Somebody somebody{{"a", "b", "c", "secret words"}, {}};
    ssh::UnlockedKeys keys(somebody.ask());
    unlock(keys, {settings, settings});
    CHECK(somebody.questions.size() == 3);
    CHECK_FALSE(keys.find(folder / "locked"));
  }
  for (const std::vector<std::string>& nothing : {std::vector<std::string>{}, {""}}) {
    Somebody somebody{nothing, {}};
    ssh::UnlockedKeys keys(somebody.ask());
    unlock(keys, {settings});
    unlock(keys, {settings});
    CHECK(somebody.questions.size() == 1);
    CHECK_FALSE(keys.find(folder / "locked"));
  }
}

TEST_CASE("jump hosts' keys are asked for as well") {
  const test::TempFolder folder;
  test::make_key(folder / "locked", "ed25519", "secret words");
  auto settings = with_files({folder / "absent"});
  settings.jumps = {with_files({folder / "locked"})};
  Somebody somebody{{"secret words"}, {}};
  ssh::UnlockedKeys keys(somebody.ask());
  unlock(keys, {settings});
  CHECK(keys.find(folder / "locked"));
}

TEST_CASE("nobody is asked for a key that the agent has, nor for a default one where there is another key") {
  const test::TempFolder folder;
  test::make_key(folder / "locked");
  test::make_key(folder / "open");
  const test::Agent agent(folder);
  agent.add(folder / "locked");
  test::run({"ssh-keygen", "-q", "-p", "-N", "secret words", "-f", folder / "locked"});
  Somebody somebody;
  ssh::UnlockedKeys keys(somebody.ask());

  auto in_agent = with_files({folder / "locked"});
  in_agent.identity_agent = agent.socket;
  unlock(keys, {in_agent});
  CHECK(somebody.questions.empty());

  auto by_default = with_files({folder / "locked", folder / "open"});
  by_default.default_identities = true;
  unlock(keys, {by_default});
  CHECK(somebody.questions.empty());

  by_default.default_identities = false; // the user wants it
  unlock(keys, {by_default});
  CHECK(somebody.questions.size() == 1);
}
