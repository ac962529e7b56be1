package dev.skillwarden.cli;

import dev.skillwarden.search.SearchResult;
import dev.skillwarden.text.Fields;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads which arms of search answer, in lower case as everything on the command line.
final class ModeReader implements ITypeConverter<SearchResult.Mode> {
  @Override
  public SearchResult.Mode convert(String text) {
    try {
      return Fields.parseEnum(SearchResult.Mode.class, text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
