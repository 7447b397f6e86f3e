namespace SqueezeBert.Benchmarks.Engines;

/// <summary>Texts padded to the longest, as int64 [texts, longest]: what other engines take.</summary>
internal sealed class PaddedBatch
{
    public PaddedBatch(IReadOnlyList<TokenText> texts)
    {
        Texts = texts;
        Length = texts.Max(text => text.Length);
        Ids = new long[texts.Count * Length];
        Mask = new long[Ids.Length];
        TypeIds = new long[Ids.Length];
        for (var i = 0; i < texts.Count; i++)
        {
            for (var j = 0; j < texts[i].Length; j++)
                (Ids[(i * Length) + j], Mask[(i * Length) + j], TypeIds[(i * Length) + j]) = (texts[i].Ids[j], 1, texts[i].TypeIds[j]);
        }
    }

    public IReadOnlyList<TokenText> Texts { get; }

    public int Length { get; }

    public long[] Ids { get; }

    public long[] Mask { get; }

    public long[] TypeIds { get; }

    public long[] Shape => [Texts.Count, Length];

    /// <summary>The input of that name ("input_ids", "attention_mask", "token_type_ids").</summary>
    public long[] Input(string name) => name switch
    {
        "input_ids" => Ids,
        "attention_mask" => Mask,
        "token_type_ids" => TypeIds,
        _ => throw new NotSupportedException($"the model has an input '{name}' that the benchmark does not know"),
    };

    /// <summary>The rows of real tokens of an output [texts, longest, width]; an output [texts, width] as it is.</summary>
    public float[] WithoutPadding(ReadOnlySpan<float> output, int rank)
    {
        if (rank == 2) return output.ToArray();
        var width = output.Length / Ids.Length;
        var rows = new List<float>();
        for (var i = 0; i < Texts.Count; i++) rows.AddRange(output.Slice(i * Length * width, Texts[i].Length * width));
        return [.. rows];
    }
}
