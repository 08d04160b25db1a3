#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cli {

/// What may stand where a word is being typed.
struct Completion {
  struct Word {
    std::string text;
    std::string about; ///< one line for people; may be empty
  };
  /// Names that the command line's description does not know.
  enum class Names : std::uint8_t { none, managers, hosts, actors, heard_managers, files, folders };

  std::vector<Word> words; ///< that begin as what is typed does
  Names names = Names::none;
  std::string leading; ///< stands before each name: `--config=`
  std::string typed;   ///< of the name, so far
};

/// For the last of the words, which may be empty; those before it are complete. `words` is the command line
/// without the program's name. Pure: asks nobody, throws nothing of its own.
Completion complete(const CLI::App& program, std::span<const std::string> words);

} // namespace cli
