using SqueezeBert.Tokenization.Unicode;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tests.Tokenization.Words;

/// <summary>Cuts a normalized text that is held as a whole at white space and around punctuation.</summary>
internal static class PlainCut
{
    internal static void Words<THandler>(NormalizedText text, int from, int to, ref THandler handler)
        where THandler : struct, IWordHandler, allows ref struct
    {
        var characters = text.Characters[..to];
        for (var i = from; i < to;)
        {
            var start = i;
            var kinds = UnicodeTables.ClassOf(UnicodeTables.Read(characters, i, out var length));
            i += length;
            if ((kinds & CharacterClass.WhiteSpace) != 0)
                continue;
            var scalars = 1;
            while ((kinds & CharacterClass.Punctuation) == 0 && i < to && IsWord(UnicodeTables.Read(characters, i, out length)))
            {
                i += length;
                scalars++;
            }

            Assert.True(handler.Normalized(text, start, i - start, scalars));
        }
    }

    private static bool IsWord(int codePoint) =>
        (UnicodeTables.ClassOf(codePoint) & (CharacterClass.WhiteSpace | CharacterClass.Punctuation)) == 0;
}
