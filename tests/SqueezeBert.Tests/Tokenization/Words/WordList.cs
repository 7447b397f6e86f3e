using System.Runtime.Intrinsics;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Words;

/// <summary>Collects the words that a scanner finds, with their places in the text.</summary>
internal readonly struct WordList(List<(string Word, int Start, int End)> words) : IWordHandler
{
    internal List<(string Word, int Start, int End)> Words => words;

    public int LongestPacked => PackedWord.MaxCharacters;

    public int LongestWord => int.MaxValue;

    public bool Packed(WordBatch batch)
    {
        Span<byte> word = stackalloc byte[PackedWord.MaxCharacters];
        for (var i = 0; i < batch.Count; i++)
        {
            (var start, var end) = batch.Offsets[i];
            batch.Words[i].CopyTo(word);
            words.Add((System.Text.Encoding.ASCII.GetString(word[..(end - start)]), start, end));
        }

        return true;
    }

    public bool Normalized(NormalizedText text, int start, int length, int scalars)
    {
        var word = text.Characters.Slice(start, length).ToString();
        Assert.Equal(word.Length - word.Count(char.IsLowSurrogate), scalars);
        words.Add((word, text.StartAt(start), text.EndAt(start + length - 1)));
        return true;
    }
}
