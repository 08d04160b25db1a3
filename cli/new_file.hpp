#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace cli {

/// Puts a file there whole: under its name stands all of the text or what stood there before, also after a
/// signal that ends us. One that is replaced keeps its mode and its owner; a symbolic link stays, and what it
/// leads to is replaced.
/// \param new_mode of one that is new; as the umask has it where that is absent.
/// \throws std::system_error: std::errc::file_exists where there is one that must not be replaced.
void put_file(const std::string& path, std::string_view text, bool replace,
              std::optional<mode_t> new_mode = std::nullopt);

} // namespace cli
