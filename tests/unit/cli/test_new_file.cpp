#include "cli/new_file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

using namespace cli;
namespace fs = std::filesystem;

namespace {

class FilesFolder {
public:
  FilesFolder() {
    std::string name = (fs::temp_directory_path() / "new_file_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  FilesFolder(const FilesFolder&) = delete;
  FilesFolder& operator=(const FilesFolder&) = delete;
  ~FilesFolder() { fs::remove_all(path_); }
  [[nodiscard]] std::string operator/(const char* name) const { return (path_ / name).string(); }
  [[nodiscard]] auto entries() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

private:
  fs::path path_;
};

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::error_code fault(const std::string& path, bool replace) {
  try {
    put_file(path, "new", replace);
    return {};
  } catch (const std::system_error& error) {
    return error.code();
  }
}

} // namespace

TEST_CASE("what one that was killed has left beside it is in nobody's way") {
  const FilesFolder folder;
  const std::string left = folder / ("f.new-" + std::to_string(::getpid())).c_str();
  std::ofstream(left) << "half";
  put_file(folder / "f", "text", false);
  put_file(folder / "f", "more", true);
  CHECK(content(folder / "f") == "more");
  CHECK(content(left) == "half");
  CHECK(folder.entries() == 2);
}

TEST_CASE("a new file holds the text, and nothing stays beside it") {
  const FilesFolder folder;
  put_file(folder / "f", "text", false);
  CHECK(content(folder / "f") == "text");
  CHECK(folder.entries() == 1);
}

TEST_CASE("what is there stays unless it may be replaced") {
  const FilesFolder folder;
  put_file(folder / "f", "old", true); // there is none to replace
  CHECK(fault(folder / "f", false) == std::errc::file_exists);
  CHECK(content(folder / "f") == "old");
  REQUIRE(::chmod((folder / "f").c_str(), 0640) == 0);
  CHECK_FALSE(fault(folder / "f", true));
  CHECK(content(folder / "f") == "new");
  CHECK((fs::status(folder / "f").permissions() & fs::perms::all) == fs::perms(0640));
  CHECK(folder.entries() == 1);
}

TEST_CASE("one that is replaced stays whose it is") {
  const FilesFolder folder;
  put_file(folder / "f", "old", false);
  constexpr uid_t nobody = 65534;
  const uid_t owner = ::geteuid() == 0 ? nobody : ::geteuid();
  REQUIRE(::chown((folder / "f").c_str(), owner, static_cast<gid_t>(-1)) == 0);
  CHECK_FALSE(fault(folder / "f", true));
  CHECK(content(folder / "f") == "new");
  struct stat status {};
  REQUIRE(::stat((folder / "f").c_str(), &status) == 0);
  CHECK(status.st_uid == owner);
}

TEST_CASE("a new one has the rights that are asked for, whatever the umask is") {
  const FilesFolder folder;
  const mode_t before = ::umask(0077);
  put_file(folder / "asked", "text", true, 0644);
  put_file(folder / "usual", "text", true);
  ::umask(before);
  CHECK((fs::status(folder / "asked").permissions() & fs::perms::all) == fs::perms(0644));
  CHECK((fs::status(folder / "usual").permissions() & fs::perms::all) == fs::perms(0600));
}

TEST_CASE("a link stays, and what it leads to is replaced") {
  const FilesFolder folder;
  put_file(folder / "f", "old", false);
  fs::create_symlink("f", folder / "link");
  CHECK(fault(folder / "link", false) == std::errc::file_exists);
  CHECK_FALSE(fault(folder / "link", true));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(content(folder / "f") == "new");
}

TEST_CASE("where nothing can be written the path is named") {
  const FilesFolder folder;
  CHECK(fault(folder / "none/f", false) == std::errc::no_such_file_or_directory);
  fs::create_directory(folder / "d");
  CHECK(fault(folder / "d", true) == std::errc::is_a_directory);
  CHECK(folder.entries() == 1);
}
