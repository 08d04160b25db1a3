#pragma once

#include <string>
#include <string_view>

namespace systemd_units {

/// What cksum(1) of POSIX prints for these bytes: `CRC LENGTH`. It notices changes, and proves nothing.
std::string cksum(std::string_view bytes);

/// In the first line of every file that `deploy` writes, behind the comment's sign; a checksum follows.
inline constexpr std::string_view written_mark = "Written by actorsctl deploy; cksum of what follows: ";

/// The file with that first line in front. \param comment how a comment begins there: `#`, `//`
std::string marked(std::string_view comment, std::string_view body);

/// Who wrote a file, by its first line.
enum class Author {
  deploy,        ///< as deploy left it
  deploy_edited, ///< deploy did, and somebody changed it since
  other
};
Author author_of(std::string_view file);

} // namespace systemd_units
