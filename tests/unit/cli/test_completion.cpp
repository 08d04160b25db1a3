#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/context.hpp"

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

#include <algorithm>

namespace cli {
namespace {

using Names = Completion::Names;

/// The real command line.
struct Program {
  Context context;
  CLI::App app{"", "actorsctl"};

  Program() {
    app.add_option("--config", context.options.config, "The configuration (of all)")->type_name("FILE");
    app.add_option("--color", context.options.color, "Colours")->type_name("WHEN");
    app.fallthrough();
    for (const auto add : commands())
      add(app, context);
  }

  Completion operator()(const std::vector<std::string>& words) { return complete(app, words); }
};

std::vector<std::string> texts(const Completion& completion) {
  std::vector<std::string> result;
  for (const auto& word : completion.words)
    result.push_back(word.text);
  return result;
}

bool has(const Completion& completion, const std::string& text) {
  const auto all = texts(completion);
  return std::find(all.begin(), all.end(), text) != all.end();
}

} // namespace

TEST_CASE("commands are offered, also those below others, and what is hidden is not") {
  Program program;
  CHECK(texts(program({"sta"})) == std::vector<std::string>{"status", "start"});
  CHECK(texts(program({"hosts", "tr"})) == std::vector<std::string>{"trust"});
  CHECK_FALSE(has(program({""}), "complete"));
  CHECK(program({"st"}).words.front().about.find('(') == std::string::npos);
}

TEST_CASE("options of the command and of the program are offered") {
  Program program;
  CHECK(texts(program({"restart", "--rol"})) == std::vector<std::string>{"--rolling"});
  CHECK(has(program({"restart", "--"}), "--config"));
  CHECK_FALSE(has(program({"lookup", "--"}), "--rolling"));
}

TEST_CASE("what stands for a name says whose names are meant") {
  Program program;
  CHECK(program({"start", ""}).names == Names::managers);
  CHECK(program({"start", "A", ""}).names == Names::managers);
  CHECK(program({"start", "--host", ""}).names == Names::hosts);
  CHECK(program({"hosts", ""}).names == Names::hosts);
  CHECK(program({"hosts", "trust", "h1", ""}).names == Names::hosts);
  CHECK(program({"lookup", ""}).names == Names::actors);
  CHECK(program({"lookup", "A", ""}).names == Names::none);
  CHECK(program({"managers", ""}).names == Names::heard_managers);
  CHECK(program({"actors", ""}).names == Names::actors);
  CHECK(program({"--config", ""}).names == Names::files);
  CHECK(program({"start", "--exclude", ""}).names == Names::managers);
}

TEST_CASE("a value behind an equals sign is completed with the option before it") {
  Program program;
  CHECK(texts(program({"--color=al"})) == std::vector<std::string>{"--color=always"});
  const auto file = program({"--config=/etc/a"});
  CHECK(file.names == Names::files);
  CHECK(file.leading == "--config=");
  CHECK(file.typed == "/etc/a");
}

TEST_CASE("fixed words are offered where only they may stand") {
  Program program;
  CHECK(texts(program({"restart", "--on-error", ""})) == std::vector<std::string>{"stop", "continue"});
  CHECK(texts(program({"completion", ""})) == std::vector<std::string>{"bash", "zsh", "fish"});
  CHECK(has(program({"kill", "-s", "TE"}), "TERM"));
}

TEST_CASE("a value that is a command's name is still a value") {
  Program program;
  CHECK(program({"start", "--host", "status", ""}).names == Names::managers);
  CHECK(program({"--config", "lookup", "sta"}).words.size() == 2);
}

TEST_CASE("behind two dashes another program's words begin") {
  Program program;
  const auto completion = program({"run", "--manager", "M", "--", "st"});
  CHECK(completion.words.empty());
  CHECK(completion.names == Names::none);
}

} // namespace cli
