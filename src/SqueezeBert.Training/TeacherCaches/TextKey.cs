using System.Runtime.InteropServices;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>A 128-bit key of a text or a pair, as the models read it: its tokens, and where the second text begins.</summary>
internal readonly record struct TextKey(ulong Low, ulong High)
{
    /// <summary>Bytes of a key in a file.</summary>
    public const int Size = 16;

    /// <summary>The key of an example.</summary>
    public static TextKey Of(ExampleSet set, Example example)
    {
        var tokens = MemoryMarshal.AsBytes(set.Tokens(example));
        var seed = (ulong)example.SecondStart;
        return new TextKey(StreamingHash.XxHash64(tokens, seed), StreamingHash.XxHash64(tokens, HashedNumbers.Mix(seed)));
    }
}
