#include "cli/clients_file.hpp"

#include "config/load.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/stat.h>

namespace fs = std::filesystem;

namespace {

const std::string key(40, '0');

class ClientsFolder {
public:
  ClientsFolder() {
    std::string name = (fs::temp_directory_path() / "clients-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ClientsFolder(const ClientsFolder&) = delete;
  ClientsFolder& operator=(const ClientsFolder&) = delete;
  ~ClientsFolder() { fs::remove_all(path_); }
  [[nodiscard]] std::string file() const { return (path_ / "clients.json").string(); }
  [[nodiscard]] long files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

private:
  fs::path path_;
};

std::string key_of(int number) {
  const auto digits = std::to_string(number);
  return key.substr(digits.size()) + digits;
}

void add(const std::string& file, int number) {
  cli::edit_clients(file, [&](auto& clients) {
    clients.push_back({"client" + std::to_string(number), key_of(number), {}, {}, {}, {}, {}});
  });
}

} // namespace

TEST_CASE("clients that are written are those that the registry reads") {
  const ClientsFolder folder;
  cli::ClientsFile file(folder.file());
  CHECK(file.read()->size() == 0);
  CHECK_FALSE(file.exists());
  CHECK_FALSE(file.has_changed());
  cli::edit_clients(folder.file(), [](auto& clients) {
    clients.push_back({"orders", key, std::vector<std::string>{"Order*"}, {}, {}, {}, {}});
  });
  CHECK(file.has_changed());
  const auto clients = file.read();
  CHECK(file.exists());
  CHECK_FALSE(file.has_changed());
  REQUIRE(clients->find(key));
  CHECK(clients->find(key)->name == "orders");
  CHECK(clients->find(key)->permissions.may_register("Order1"));
  CHECK_FALSE(clients->find(key)->permissions.may_register("Risk"));
  CHECK(folder.files() == 1); // nothing is left beside it
}

TEST_CASE("many at once lose nothing") {
  const ClientsFolder folder;
  std::vector<std::thread> threads;
  constexpr int each = 20;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i)
        add(folder.file(), thread * each + i);
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(cli::ClientsFile(folder.file()).read()->size() == 4 * each);
}

TEST_CASE("a change that fails, or that changes nothing, leaves the file as it is, and its rights stay") {
  const ClientsFolder folder;
  add(folder.file(), 1);
  REQUIRE(::chmod(folder.file().c_str(), 0640) == 0);
  add(folder.file(), 2);
  struct stat status {};
  REQUIRE(::stat(folder.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
  cli::ClientsFile file(folder.file());
  (void)file.read();
  CHECK_THROWS_AS(cli::edit_clients(folder.file(),
                                    [](auto& clients) {
                                      clients.clear();
                                      throw std::runtime_error("no");
                                    }),
                  std::runtime_error);
  cli::edit_clients(folder.file(), [](auto&) {});
  CHECK_FALSE(file.has_changed());
  CHECK(folder.files() == 1);
}

TEST_CASE("a file that others may write is not believed") {
  const ClientsFolder folder;
  add(folder.file(), 1);
  REQUIRE(::chmod(folder.file().c_str(), 0664) == 0);
  cli::ClientsFile file(folder.file());
  CHECK(file.has_changed());
  CHECK_THROWS_AS(file.read(), std::runtime_error);
  CHECK_THROWS_AS(add(folder.file(), 2), std::runtime_error);
  file.note();
  CHECK_FALSE(file.has_changed());
}

TEST_CASE("a wrong file is an error with its place, and never nobody") {
  const ClientsFolder folder;
  std::ofstream(folder.file()) << "{\"clients\": []}";
  CHECK_THROWS_AS(cli::ClientsFile(folder.file()).read(), config::Error);
  CHECK_THROWS_AS(add(folder.file(), 1), config::Error);
}

TEST_CASE("what is no file is not waited for") {
  const ClientsFolder folder;
  REQUIRE(::mkfifo(folder.file().c_str(), 0600) == 0);
  cli::ClientsFile file(folder.file());
  CHECK_THROWS_WITH_AS(file.read(), (folder.file() + ": is no file").c_str(), std::runtime_error);
  CHECK_THROWS_WITH_AS(add(folder.file(), 1), (folder.file() + ": is no file").c_str(), std::runtime_error);
}
