#include "ssh/known_hosts_file.hpp"

#include "ssh/error.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

namespace ssh::known_hosts {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void make_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return;
  const auto folder = path.substr(0, slash);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail(folder);
}

/// Whether the file's last line lacks its end, so that a line written behind it would join it.
bool lacks_line_end(int fd, const std::string& path) {
  const auto size = ::lseek(fd, 0, SEEK_END);
  if (size < 0) fail(path);
  if (size == 0) return false;
  char last = 0;
  if (::pread(fd, &last, 1, size - 1) != 1) fail(path);
  return last != '\n';
}

std::string resolve(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  if (!resolved) fail(path);
  return resolved.get();
}

void replace_file(const std::string& path, const std::string& text) {
  const auto target = resolve(path);
  struct stat before {};
  if (::stat(target.c_str(), &before) != 0) fail(target);
  auto temporary = target + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) fail(temporary);
  try {
    write_all(fd.get(), text, temporary);
    // A file of someone else's stays theirs where we may say so (root); otherwise it becomes ours.
    if (::fchown(fd.get(), before.st_uid, before.st_gid) != 0 && errno != EPERM) fail(temporary);
    if (::fchmod(fd.get(), before.st_mode & 07777) != 0) fail(temporary);
    if (::fsync(fd.get()) != 0) fail(temporary);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(target);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

/// The names of a line without the given one. No wildcard is among them: a name that matches is equal but for
/// its case, or it is the one hash of the line.
std::string names_without(const Line& line, const std::string& name) {
  std::string rest;
  for (auto names = line.names; !names.empty();) {
    const auto end = std::min(names.find(','), names.size());
    Line one = line;
    one.names = names.substr(0, end);
    if (!matches(one, name)) rest += (rest.empty() ? "" : ",") + std::string(one.names);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return rest;
}

} // namespace

std::string read_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  const auto unreadable = [&](int error) {
    return Error(ErrorClass::settings, "can't read " + path + ": " + std::generic_category().message(error));
  };
  if (!fd) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throw unreadable(errno);
  }
  std::string text;
  std::array<char, 16384> piece{};
  for (;;) {
    const auto size = ::read(fd.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw unreadable(errno);
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

void append_line(const std::string& path, const std::string& line) {
  make_folder_of(path);
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd) fail(path);
  // In one write, so that two that append at a time don't mix their lines.
  write_all(fd.get(), (lacks_line_end(fd.get(), path) ? "\n" : "") + line + "\n", path);
}

void remove_other_keys(const std::string& path, const std::string& name, const std::string& base64) {
  const auto text = read_file(path);
  std::string kept;
  std::size_t copied = 0;
  bool changed = false;
  for (const auto& line : parse(text)) {
    if (line.marker != Marker::none || has_wildcard(line) || !matches(line, name) ||
        same_key(line.base64, base64))
      continue;
    changed = true;
    const auto names_at = static_cast<std::size_t>(line.names.data() - text.data());
    const auto line_end = std::min(text.find('\n', names_at), text.size() - 1) + 1;
    const auto rest = names_without(line, name);
    const auto before = text.rfind('\n', names_at);
    const auto line_begin = before == std::string::npos ? 0 : before + 1;
    kept += text.substr(copied, line_begin - copied);
    if (!rest.empty()) {
      const auto names_end = names_at + line.names.size();
      kept += rest + text.substr(names_end, line_end - names_end);
    }
    copied = line_end;
  }
  if (!changed) return;
  replace_file(path, kept + text.substr(copied));
}

} // namespace ssh::known_hosts
