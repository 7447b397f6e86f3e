using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference;

/// <summary>A tensor in the shape of the padded reference.</summary>
internal sealed record PaddedTensor(string Name, int[] Shape, float[] Values);

/// <summary>
/// A forward pass with the interface of the reference: padded ids with an attention mask as input, and padded outputs with zeros where the
/// mask is 0. Masked tokens are ignored, except that the trigram embedding of MobileBERT reads neighbours whether they are masked or not.
/// </summary>
internal static class PaddedForward
{
    /// <param name="model">Any model. The logits of a masked language model should be those of all tokens.</param>
    /// <param name="shape">[batch, length], or [batch, choices, length] for multiple choice. The length includes padding.</param>
    /// <param name="ids">Token ids of this shape.</param>
    /// <param name="mask">The attention mask with the same shape, 0 or 1. Empty for ones.</param>
    /// <param name="typeIds">The token type ids with the same shape. Empty for zeros.</param>
    /// <param name="outputs">The names of the outputs. Null means all outputs that the reference has for this model.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked between the layers.</param>
    /// <returns>
    /// The outputs, by default in the order of the model. With choices, hidden states and attentions have batch x choices texts.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The shape does not fit, an output does not exist, the mask contains other numbers than 0 and 1 or leaves a text without tokens, or
    /// an id is outside its table.
    /// </exception>
    public static IReadOnlyList<PaddedTensor> Run(
        Engine model,
        ReadOnlySpan<int> shape,
        ReadOnlySpan<long> ids,
        ReadOnlySpan<long> mask,
        ReadOnlySpan<long> typeIds,
        IReadOnlyList<string>? outputs = null,
        CancellationToken cancellationToken = default)
    {
        var head = ModelHeads.Find(model.Head);
        var (batch, length) = CheckShape(head, shape, ids, mask, typeIds);
        var packed = new PackedBatch();
        var places = new List<int>();
        for (var text = 0; text < batch; text++)
        {
            var row = text * length;
            Add(packed, places, row, ids.Slice(row, length), mask.IsEmpty ? mask : mask.Slice(row, length),
                typeIds.IsEmpty ? typeIds : typeIds.Slice(row, length));
        }

        var names = outputs ?? [.. model.OutputNames.Except(NamedHeads.Outputs(model.Graph, static head => head.AdditionalOutputs))];
        using var session = model.CreateSession(names);
        session.Run(packed, cancellationToken);
        var texts = shape[..^1].ToArray();
        var scalars = NamedHeads.Outputs(model.Graph, static head => head.ScalarOutputs);
        return [.. names.Select(name => model.Graph.Output(name).Node is AttentionNode attention
            && name.StartsWith("attentions.", StringComparison.Ordinal)
            ? Attention(session, name, packed, batch, length, attention.Heads)
            : InReferenceShape(scalars, Value(session, name, packed, places, batch, length), texts))];
    }

    private static (int Texts, int Length) CheckShape(
        HeadDescriptor head, ReadOnlySpan<int> shape, ReadOnlySpan<long> ids, ReadOnlySpan<long> mask, ReadOnlySpan<long> typeIds)
    {
        var wanted = head.ReadsChoices ? "[batch, choices, length]" : "[batch, length]";
        if (shape.Length != (head.ReadsChoices ? 3 : 2))
            throw new ArgumentException(
                $"input_ids has the shape [{string.Join(", ", shape.ToArray())}]; the model ({head.Name}) takes {wanted}",
                nameof(shape));
        var (texts, length) = (1, shape[^1]);
        foreach (var size in shape)
        {
            if (size < 0) throw new ArgumentException(
                $"input_ids has the shape [{string.Join(", ", shape.ToArray())}]; sizes are not negative", nameof(shape));
        }

        foreach (var size in shape[..^1]) texts = checked(texts * size);
        if (ids.Length != (long)texts * length)
            throw new ArgumentException($"input_ids has {ids.Length} elements, not {texts} x {length}", nameof(ids));
        if (!mask.IsEmpty && mask.Length != ids.Length)
            throw new ArgumentException($"attention_mask has {mask.Length} elements, input_ids {ids.Length}", nameof(mask));
        if (!typeIds.IsEmpty && typeIds.Length != ids.Length)
            throw new ArgumentException($"token_type_ids has {typeIds.Length} elements, input_ids {ids.Length}", nameof(typeIds));
        return (texts, length);
    }

    /// <summary>
    /// Returns numbers without a channel axis. The number of a token is at the token's place, and that of a choice is in the row of its
    /// question.
    /// </summary>
    private static PaddedTensor InReferenceShape(IReadOnlyList<string> scalars, PaddedTensor tensor, int[] texts) =>
        !scalars.Contains(tensor.Name) ? tensor
        : tensor with { Shape = tensor.Shape.Length == 2 ? texts : tensor.Shape[..^1] };

    private static void Add(PackedBatch packed, List<int> places, int row, ReadOnlySpan<long> ids, ReadOnlySpan<long> mask,
        ReadOnlySpan<long> typeIds)
    {
        var first = packed.TokenCount;
        var positions = new List<int>();
        for (var position = 0; position < ids.Length; position++)
        {
            var on = mask.IsEmpty ? 1 : mask[position];
            if (on is not (0 or 1)) throw new ArgumentException(
                $"attention_mask has the value {on} at element {row + position}; only 0 and 1 are meant", nameof(mask));
            if (on == 0) continue;
            positions.Add(position);
            places.Add(row + position);
        }

        if (positions.Count == 0)
            throw new ArgumentException($"attention_mask leaves text {row / Math.Max(1, ids.Length)} without a token", nameof(mask));
        var (keptIds, keptTypes) = (new int[positions.Count], new int[positions.Count]);
        for (var i = 0; i < positions.Count; i++)
        {
            keptIds[i] = Id(ids[positions[i]]);
            keptTypes[i] = typeIds.IsEmpty ? 0 : Id(typeIds[positions[i]]);
        }

        packed.Add(keptIds, keptTypes, [.. positions]);
        if (positions.Count == ids.Length) return;
        for (var i = 0; i < positions.Count; i++)
        {
            var (next, previous) = (Masked(ids, mask, positions[i] + 1), Masked(ids, mask, positions[i] - 1));
            if (next >= 0 || previous >= 0) packed.SetMaskedNeighbours(first + i, next, previous);
        }
    }

    private static int Id(long id) => id is >= 0 and <= int.MaxValue ? (int)id : -1;

    private static int Masked(ReadOnlySpan<long> ids, ReadOnlySpan<long> mask, int position) =>
        position >= 0 && position < ids.Length && mask[position] == 0 ? Id(ids[position]) : -1;

    private static PaddedTensor Value(ModelSession session, string name, PackedBatch packed, List<int> places, int batch, int length)
    {
        var source = session.GetOutput(name);
        var width = session.GetWidth(name);
        if (!session.IsByToken(name)) return new PaddedTensor(name, [batch, width], source.ToArray());
        var values = new float[(long)batch * length * width];
        for (var row = 0; row < places.Count; row++) source.Slice(row * width, width).CopyTo(values.AsSpan(places[row] * width, width));
        return new PaddedTensor(name, [batch, length, width], values);
    }

    private static PaddedTensor Attention(ModelSession session, string name, PackedBatch packed, int batch, int length, int heads)
    {
        var values = new float[(long)batch * heads * length * length];
        for (var text = 0; text < batch; text++)
        {
            var source = session.GetAttention(name, text);
            var positions = packed.Positions[packed.TextStarts[text]..packed.TextStarts[text + 1]];
            for (var head = 0; head < heads; head++)
            {
                for (var query = 0; query < positions.Length; query++)
                {
                    var from = source.Slice(((head * positions.Length) + query) * positions.Length, positions.Length);
                    var to = values.AsSpan(((((text * heads) + head) * length) + positions[query]) * length, length);
                    for (var key = 0; key < from.Length; key++) to[positions[key]] = from[key];
                }
            }
        }

        return new PaddedTensor(name, [batch, heads, length, length], values);
    }
}
