#pragma once

#include "config/trusted_clients.hpp"
#include "registry_core/security/permissions.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cli {

/// The file of trusted clients, as the registry reads it. One thread.
class ClientsFile {
public:
  /// \param path empty: there is none, and it never changes.
  explicit ClientsFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Whom it names. Nobody where there is no file. \throws config::Error, std::runtime_error where it can't
  /// be read or others than its owner may write it.
  std::shared_ptr<const registry_core::Clients> read();
  [[nodiscard]] bool exists() const noexcept { return seen_.there; }
  /// Whether it is another one than was seen last, by read() or note(). Looks at its times and size, not
  /// inside.
  [[nodiscard]] bool has_changed() const;
  void note() { seen_ = look(); }

private:
  struct Seen {
    bool there = false;
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, seconds = 0, nanoseconds = 0;
    bool operator==(const Seen&) const = default;
  };
  [[nodiscard]] Seen look() const;

  std::string path_;
  Seen seen_;
};

/// Changes the file as a whole, while no other process does: what `change` makes of its clients is there
/// after a crash too, or what was there before. \throws as ClientsFile::read, and what `change` throws: then
/// nothing has changed.
void edit_clients(const std::string& path,
                  const std::function<void(std::vector<config::TrustedClient>&)>& change);

} // namespace cli
