#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace controller {

/// Makes lines of pieces of text as they come. What is longer than `longest` is dropped up to its line's end.
class LineSplitter {
public:
  static constexpr std::size_t longest = 1u << 20; ///< bytes

  explicit LineSplitter(std::function<void(std::string_view line)> taker) : taker_(std::move(taker)) {}

  void take(std::string_view piece) {
    for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      append(piece.substr(0, end));
      if (!dropping_) taker_(line_);
      line_.clear();
      dropping_ = false;
      piece.remove_prefix(end + 1);
    }
    append(piece);
  }

private:
  void append(std::string_view piece) {
    if (line_.size() + piece.size() > longest) dropping_ = true;
    if (dropping_)
      line_.clear();
    else
      line_ += piece;
  }

  std::function<void(std::string_view line)> taker_;
  std::string line_;
  bool dropping_ = false;
};

} // namespace controller
