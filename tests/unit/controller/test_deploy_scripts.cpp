// The scripts that change a host, run here, as far as they go without being root: what they refuse leaves all
// as it was.

#include "controller/deploy_probes.hpp"

#include "systemd_units/local_program.hpp"
#include "systemd_units/written.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

using namespace controller::deploying;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "actorsctl-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file() const { return (path_ / "a b$x.service").string(); }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

private:
  fs::path path_;
};

void write(const std::string& path, const std::string& content) {
  std::ofstream(path) << content;
}

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Ran {
  bool succeeded;
  std::string output, error;
};

Ran run(const Arguments& command, const std::string& input) {
  std::string output;
  const auto end = systemd_units::run_program(
      command, [&](std::string_view piece) { output += piece; }, {}, input);
  return {end.wait_status == 0, output, end.error_output};
}

Put put(const std::string& path, const std::string& before, const std::string& after) {
  return {path, before, systemd_units::cksum(after), "0644", false};
}

} // namespace

TEST_CASE("put: what arrives only in part is put nowhere, and nothing is left beside") {
  const Folder folder;
  const auto path = folder.file();
  const auto ran = run(put_command(put(path, "missing", "the whole\n")), "the who");
  CHECK_FALSE(ran.succeeded);
  CHECK(ran.error == "it did not arrive whole\n");
  CHECK(folder.files() == 0);
}

TEST_CASE("put: what somebody changed since it was seen stays") {
  const Folder folder;
  const auto path = folder.file();
  write(path, "theirs\n");
  for (const std::string& seen :
       {std::string("missing"), systemd_units::cksum("ours\n"), std::string("link")}) {
    const auto ran = run(put_command(put(path, seen, "new\n")), "new\n");
    CHECK_FALSE(ran.succeeded);
    CHECK(ran.error == "somebody changed it meanwhile\n");
  }
  CHECK(content(path) == "theirs\n");
  CHECK(folder.files() == 1);
}

TEST_CASE("put: what is there already is no change") {
  const Folder folder;
  const auto path = folder.file();
  write(path, "new\n");
  const auto ran = run(put_command(put(path, "missing", "new\n")), "new\n");
  CHECK(ran.succeeded);
  CHECK_FALSE(read_change(ran.output).changed);
  CHECK(folder.files() == 1);
}

TEST_CASE("put: a folder is not replaced") {
  const Folder folder;
  const auto path = folder.file();
  fs::create_directory(path);
  CHECK_FALSE(run(put_command(put(path, "other", "new\n")), "new\n").succeeded);
  CHECK(fs::is_directory(path));
  CHECK(fs::is_empty(path));
}

TEST_CASE("remove: what somebody changed stays, and what is gone is gone") {
  const Folder folder;
  const auto path = folder.file();
  const auto gone = run(remove_command(path, systemd_units::cksum("ours\n"), ""), "");
  CHECK(gone.succeeded);
  CHECK_FALSE(read_change(gone.output).changed);
  write(path, "theirs\n");
  CHECK_FALSE(run(remove_command(path, systemd_units::cksum("ours\n"), ""), "").succeeded);
  CHECK(content(path) == "theirs\n");
}

TEST_CASE("survey: an answer that can be read, from any machine and any user") {
  const Folder folder;
  const auto path = folder.file();
  write(path, "a\nb");
  fs::create_symlink("/dev/null", path + ".link");
  const SurveyQuestion question{
      "no-such-user",
      {"actorsctl-no-such.service", "actorsctl-no-such@1.service"},
      {path, path + ".link", path + ".missing", fs::path(path).parent_path().string()}};
  const auto ran = run(as_root(survey_command(question), true), "");
  CHECK(ran.error.empty());
  const auto survey = read_survey(ran.output, question);
  CHECK(survey.control_user == Survey::User::missing);
  CHECK(survey.units[0].file.kind == FoundFile::Kind::missing);
  CHECK(survey.units[1].elsewhere.empty());
  CHECK(survey.files[0].content == "a\nb");
  CHECK(survey.files[1].kind == FoundFile::Kind::link);
  CHECK(survey.files[1].content == "/dev/null");
  CHECK(survey.files[2].kind == FoundFile::Kind::missing);
  CHECK(survey.files[3].kind == FoundFile::Kind::other);
}
