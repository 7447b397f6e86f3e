using SqueezeBert.Configuration;

namespace SqueezeBert.Gradients.Tests;

/// <summary>The vocabulary of graphs that read the n-grams of words.</summary>
internal static class NgramVocabulary
{
    public static IReadOnlyList<string> Tokens { get; } =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##s", "cat", "##ville", "a", "über"];

    public static Lazy<WordPieces> Pieces { get; } = new(new WordPieces(Tokens, "##", id => id < 4));
}
