#include "cli/clients_file.hpp"

#include "cli/descriptor.hpp"
#include "cli/new_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace cli {
namespace {

constexpr mode_t others_write = 022;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Whoever may write it says whom the registry trusts. And a pipe would have the registry wait for a writer.
void check_file(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) throw std::runtime_error(path + ": is no file");
  if ((status.st_mode & others_write) != 0)
    throw std::runtime_error(path + ": others than its owner may write it: chmod go-w " + path);
}

registry_core::Client client_of(config::TrustedClient client) {
  return {std::move(client.name),
          std::move(client.key),
          {std::move(client.register_names), std::move(client.look_up), std::move(client.unregister),
           std::move(client.list), std::move(client.managers)}};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

ClientsFile::Seen ClientsFile::look() const {
  struct stat status {};
  if (path_.empty() || ::stat(path_.c_str(), &status) != 0) return {};
  return {true, status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

bool ClientsFile::has_changed() const {
  return look() != seen_;
}

/// What was there is remembered before it is read: whatever comes meanwhile is a change.
std::shared_ptr<const registry_core::Clients> ClientsFile::read() {
  seen_ = look();
  if (!seen_.there) return std::make_shared<const registry_core::Clients>();
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) fail(path_);
  check_file(path_, status);
  std::vector<registry_core::Client> clients;
  for (auto& client : config::load_clients(path_))
    clients.push_back(client_of(std::move(client)));
  return std::make_shared<const registry_core::Clients>(std::move(clients));
}

void edit_clients(const std::string& path,
                  const std::function<void(std::vector<config::TrustedClient>&)>& change) {
  const auto folder = folder_of(path);
  const Descriptor locked(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (locked.get() < 0) fail(folder);
  if (::flock(locked.get(), LOCK_EX) != 0) fail(folder);
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(path);
  if (exists) check_file(path, status);
  auto clients = exists ? config::load_clients(path) : std::vector<config::TrustedClient>();
  const auto before = clients;
  change(clients);
  if (exists && clients == before) return;
  constexpr mode_t all_may_read = 0644;
  put_file(path, config::text_of(clients), true, all_may_read);
  (void)::fsync(locked.get()); // the name, too, is there after a crash
}

} // namespace cli
