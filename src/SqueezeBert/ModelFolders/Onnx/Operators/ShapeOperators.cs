using SqueezeBert.Graphs.Nodes;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Onnx.Layers;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Operators that move elements without changing them.</summary>
internal static class ShapeOperators
{
    private const int MaxRank = 16;

    public static OnnxValue? Shape(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var start = Clamp(c.Node.Integer("start", 0), sizes.Length);
        var end = Clamp(c.Node.Integer("end", sizes.Length), sizes.Length);
        var part = start < end ? sizes[start..end] : [];
        return OperatorCall.Value(c.Pool.Integers([part.Length], part));

        static int Clamp(long place, int rank) => (int)Math.Clamp(place < 0 ? place + rank : place, 0, rank);
    }

    public static OnnxValue? Size(OperatorCall c) =>
        c[0]?.Sizes is { } sizes ? OperatorCall.Value(
        c.Pool.Integers([], sizes.Aggregate(1L, (product, size) => unchecked(product * size)))) : null;

    public static OnnxValue? Reshape(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes || c.IntegersOf("shape", 1) is not { Length: <= MaxRank } target) return null;
        var to = target.ToArray();
        long known = 1, total = 1;
        foreach (var size in sizes) total = unchecked(total * size);
        var free = -1;
        for (var i = 0; i < to.Length; i++)
        {
            if (to[i] == 0 && c.Node.Integer("allowzero", 0) == 0)
            {
                if (i >= sizes.Length) return null;
                to[i] = sizes[i];
            }

            if (to[i] == -1)
            {
                if (free >= 0) return null;
                free = i;
            }
            else if (to[i] < 0)
            {
                return null;
            }
            else
            {
                known = unchecked(known * to[i]);
            }
        }

        if (free >= 0)
        {
            if (known <= 0 || total % known != 0) return null;
            to[free] = total / known;
        }

        return WithSizes(c, to);
    }

    public static OnnxValue? Unsqueeze(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes || c.IntegersOf("axes", 1) is not { Length: > 0 and <= MaxRank } axes) return null;
        var rank = sizes.Length + axes.Length;
        if (rank > MaxRank) return null;
        var isNew = new bool[rank];
        foreach (var axis in axes)
        {
            var place = axis < 0 ? axis + rank : axis;
            if (place < 0 || place >= rank || isNew[place]) return null;
            isNew[place] = true;
        }

        var from = 0;
        return WithSizes(c, [.. isNew.Select(added => added ? 1 : sizes[from++])]);
    }

    public static OnnxValue? Squeeze(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var axes = c.IntegersOf("axes", 1)?.Select(axis => axis < 0 ? axis + sizes.Length : axis).ToArray()
            ?? [.. Enumerable.Range(0, sizes.Length).Where(axis => sizes[axis] == 1).Select(axis => (long)axis)];
        if (axes.Length > MaxRank || axes.Any(axis => axis < 0 || axis >= sizes.Length || sizes[axis] != 1)) return null;
        return WithSizes(c, [.. sizes.Where((_, axis) => !axes.Contains(axis))]);
    }

    public static OnnxValue? Flatten(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var axis = c.Node.Integer("axis", 1);
        if (axis < 0) axis += sizes.Length;
        if (axis < 0 || axis > sizes.Length) return null;
        return WithSizes(c, [sizes.Take((int)axis).Aggregate(1L, (a, b) => unchecked(a * b)),
            sizes.Skip((int)axis).Aggregate(1L, (a, b) => unchecked(a * b))]);
    }

    public static OnnxValue? Transpose(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var order = c.Node.Integers("perm") ?? [.. Enumerable.Range(0, sizes.Length).Reverse().Select(axis => (long)axis)];
        if (order.Length != sizes.Length || order.Distinct().Count() != order.Length || order.Any(axis => axis < 0 || axis >= sizes.Length))
            return null;
        if (order.Index().All(item => item.Item == item.Index)) return c[0];
        switch (c[0])
        {
            case ConstantValue { Constant: var constant }:
                long[] to = [.. order.Select(axis => sizes[axis])];
                if (sizes.Length == 2) return OperatorCall.Value(c.Pool.Transposed(constant));

                // Axes of size 1 have no place, so a permutation of them only gives other sizes.
                var places = order.Where(axis => sizes[axis] != 1).ToList();
                if (places.SequenceEqual(places.Order())) return OperatorCall.Value(c.Pool.Reshaped(constant, to));
                if (places.Count != 2) return null;
                var matrix = c.Pool.Transposed(c.Pool.Reshaped(constant, [.. sizes.Where(size => size != 1)]));
                return OperatorCall.Value(c.Pool.Reshaped(matrix, to));
            case ActivationValue x:
                return x.Axes.Transpose(order) is { } axes ? x with { Axes = axes } : null;
            case MaskValue mask:
                return mask with { Shape = [.. order.Select(axis => sizes[axis])], Axis = Array.IndexOf(order, mask.Axis) };
            default:
                return null;
        }
    }

    public static OnnxValue? Expand(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes || c.Integers(1) is not { Length: <= MaxRank } to
            || LiteralOperators.BroadcastShape(sizes, to) is not { } shape) return null;
        if (shape.SequenceEqual(sizes)) return c[0];
        return c[0] is MaskValue mask ? mask with { Shape = shape, Axis = mask.Axis + shape.Length - sizes.Length } : null;
    }

    /// <summary>Looks up rows of a table, or selects one index of an axis.</summary>
    public static OnnxValue? Gather(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var axis = c.Node.Integer("axis", 0);
        if (axis < 0) axis += sizes.Length;
        if (axis < 0 || axis >= sizes.Length) return null;
        switch (c[0])
        {
            case ConstantValue { Constant: { Rank: 2 } table } when axis == 0 && TableIndex(c) is { } found:
                var layer = c.Add(new TableLayer(table, found.Index, found.Mapping));
                return OperatorCall.Value(layer, AxesOfRows(c, found.Shape, layer.Width));
            case ConstantValue { Constant: { Rank: 1 } list } when c[1] is IndexValue { Mapping: null } ids:
                // Row numbers of a smaller table, or a factor for each token.
                if (list.IsInteger) return ids with { Mapping = list };
                var factors = c.Add(new TableLayer(c.Pool.Reshaped(list, [list.Count, 1]), ids.Index));
                return OperatorCall.Value(factors, AxesOfRows(c, ids.Shape, 1).Without(ids.Shape.Length));
            case ConstantValue { Constant: var constant }:
                return Pick(c, constant, (int)axis);
            case ActivationValue x when c.Literal(1) is { Count: 1, Integers: [var index] } indices:
                var kept = indices.Rank == 0 ? null : (long[])[.. indices.Shape];
                if (kept is { Length: > 1 } || Part(c, x, (int)axis, index < 0 ? index + sizes[axis] : index, 1) is not { } part)
                    return null;
                return kept is null ? part with { Axes = part.Axes.Without((int)axis) } : part;
            default:
                return null;
        }
    }

    public static OnnxValue? Slice(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        if (c.IntegersOf("starts", 1) is not { Length: <= MaxRank } starts || c.IntegersOf("ends", 2) is not { } ends
            || starts.Length != ends.Length) return null;
        var axes = c.IntegersOf("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        if (axes.Length != starts.Length
            || (c[4] is not null && (c.Integers(4) is not { Length: <= MaxRank } steps || steps.Any(step => step != 1)))) return null;
        var value = c[0];
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i] < 0 ? axes[i] + sizes.Length : axes[i];
            if (axis < 0 || axis >= sizes.Length) return null;
            var size = value!.Sizes![axis];
            var start = Math.Clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
            var end = Math.Clamp(ends[i] < 0 ? ends[i] + size : ends[i], 0, size);
            if (start >= end) return null;
            if (start == 0 && end == size) continue;
            value = value switch
            {
                ConstantValue { Constant: var constant } => OperatorCall.Value(SliceOf(c, constant, (int)axis, start, end - start)),
                ActivationValue x => Part(c, x, (int)axis, start, end - start),
                _ => null,
            };
            if (value is null) return null;
        }

        return value;
    }

    public static OnnxValue? Split(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var axis = c.Node.Integer("axis", 0);
        if (axis < 0) axis += sizes.Length;
        var count = c.Node.Outputs.Count;
        if (axis < 0 || axis >= sizes.Length || count == 0) return null;
        var parts = c.IntegersOf("split", 1) ?? (sizes[axis] % count == 0 ? [.. Enumerable.Repeat(sizes[axis] / count, count)] : null);
        if (parts is null || parts.Length != count || parts.Any(part => part < 1 || part > sizes[axis]) || parts.Sum() != sizes[axis])
            return null;
        OnnxValue? first = null;
        long start = 0;
        for (var i = 0; i < count; i++)
        {
            OnnxValue? part = c[0] switch
            {
                ConstantValue { Constant: var constant } => OperatorCall.Value(SliceOf(c, constant, (int)axis, start, parts[i])),
                ActivationValue x => Part(c, x, (int)axis, start, parts[i]),
                _ => null,
            };
            if (part is null) return null;
            if (i == 0) first = part;
            else c.MoreOutputs[i] = part;
            start += parts[i];
        }

        return first;
    }

    public static OnnxValue? Concat(OperatorCall c)
    {
        if (c[0]?.Sizes is not { } sizes) return null;
        var axis = c.Node.Integer("axis", 0);
        if (axis < 0) axis += sizes.Length;
        if (axis < 0 || axis >= sizes.Length) return null;
        if (c.InputCount == 1) return c[0];
        if (c.AreConstant) return JoinConstants(c, (int)axis);
        var layers = new Layer[c.InputCount];
        for (var i = 0; i < layers.Length; i++)
        {
            if (c.Activation(i) is not { } part || part.Axes.Rank != sizes.Length || !part.Axes.IsChannels((int)axis, part.Layer.Width)
                || c.Settle(part) is not { } layer) return null;
            if (i > 0 && !part.Axes.Without((int)axis).IsSameAs(c.Activation(0)!.Axes.Without((int)axis))) return null;
            layers[i] = layer;
        }

        var joined = c.Add(new ConcatenatedLayer(layers));
        return OperatorCall.Value(joined, c.Activation(0)!.Axes.With((int)axis, new AxisPart(AxisKind.Channel, joined.Width)));
    }

    /// <summary>Adds zeros before and after the tokens of a text.</summary>
    public static OnnxValue? Pad(OperatorCall c)
    {
        if (c.Activation(0) is not { } x || c.IntegersOf("pads", 1) is not { } pads || pads.Length != 2 * x.Axes.Rank || c[3] is not null)
            return null;
        if ((c.Node.Text("mode") ?? "constant") != "constant" || (c[2] is not null && c.Scalar(2) != 0) || c.Node.Single("value", 0) != 0)
            return null;
        if (pads.All(pad => pad == 0)) return x;
        var axis = x.Axes.Find(AxisKind.Token);
        if (axis < 0 || x.Function is not null || pads.Where((_, i) => i % x.Axes.Rank != axis).Any(pad => pad != 0)) return null;
        var (before, after) = (pads[axis], pads[axis + x.Axes.Rank]);
        if (before < 0 || after < 0 || before > 1 << 20 || after > 1 << 20) return null;
        var (layer, offset) = Unshifted(x.Layer);
        var count = x.Axes.Sizes[axis];

        // What is added must be outside of the text, where rows are zero.
        if ((before > 0 && offset > 0) || (after > 0 && offset + count < c.Batch.Tokens)) return null;
        return Window(c, layer, x.Axes, axis, offset - before, count + before + after);
    }

    /// <summary>Returns a value with other sizes.</summary>
    private static OnnxValue? WithSizes(OperatorCall c, long[] to)
    {
        switch (c[0])
        {
            case ConstantValue { Constant: var constant }:
                if (to.Any(size => size < 0) || to.Aggregate(1L, (a, b) => unchecked(a * b)) != constant.Count) return null;
                return OperatorCall.Value(c.Pool.Reshaped(constant.IsInteger
                    && c.Pool.LiteralOf(constant) is { } literal ? literal : constant, to));
            case IndexValue index when index.Shape.Length > 0 && to.Length > 0 && to[^1] == index.Shape[^1]:
                return index with { Shape = to };
            case MaskValue mask:
                return Reshape(mask, to);
            case ActivationValue x when x.Layer.Width == 1 && x.Axes.Rank <= 2 && x.Axes.Find(AxisKind.Batch) == 0 && to.Length == 2
                && to[1] > 1 && to[0] * to[1] == x.Axes[0][0].Size && c.Settle(x) is { } layer:
                // One value a text, and a question has several texts.
                return OperatorCall.Value(c.Add(UnaryKind.Choices, layer),
                    Axes.Of(new AxisPart(AxisKind.Batch, to[0]), new AxisPart(AxisKind.Channel, to[1])));
            case ActivationValue x:
                return x.Axes.Reshape(to) is { } axes ? x with { Axes = axes } : null;
            default:
                return null;
        }
    }

    /// <summary>Reshapes a mask. Its tokens must keep an axis of their own.</summary>
    private static MaskValue? Reshape(MaskValue mask, long[] to)
    {
        if (to.Aggregate(1L, (a, b) => unchecked(a * b)) != mask.Shape.Aggregate(1L, (a, b) => a * b)) return null;
        long after = 1;
        for (var i = mask.Axis + 1; i < mask.Shape.Length; i++) after *= mask.Shape[i];
        long behind = 1;
        for (var axis = to.Length - 1; axis >= 0; axis--)
        {
            if (behind == after && to[axis] == mask.Shape[mask.Axis]) return mask with { Shape = to, Axis = axis };
            behind *= to[axis];
        }

        return null;
    }

    private static (EmbeddingIndex Index, long[] Shape, Constant? Mapping)? TableIndex(OperatorCall c)
    {
        if (c[1] is IndexValue index) return (index.Index, index.Shape, index.Mapping);
        if (c.Literal(1) is not { Integers: { Length: > 1 } values } literal || literal.Shape[^1] != c.Batch.Tokens) return null;
        c.Pool.Charge(values.Length);
        long[] shape = [.. literal.Shape];
        if (values.All(value => value == 0)) return (EmbeddingIndex.TokenTypeId, shape, null);
        for (var i = 0; i < values.Length; i++)
            if (values[i] != i % c.Batch.Tokens) return null;
        return (EmbeddingIndex.Position, shape, null);
    }

    /// <summary>Returns the axes of table rows for texts and tokens.</summary>
    private static Axes AxesOfRows(OperatorCall c, long[] shape, int width)
    {
        var parts = shape.Select((size, axis) => axis == shape.Length - 1 ? new AxisPart(AxisKind.Token, size)
            : new AxisPart(AxisKind.Batch, size));
        return Axes.Of([.. parts, new AxisPart(AxisKind.Channel, width)]);
    }

    private static OnnxValue? Pick(OperatorCall c, Constant constant, int axis)
    {
        if (c.Literal(1) is not { Integers: { } indices } places) return null;
        var size = constant.Shape[axis];
        c.Pool.Charge(indices.Length);
        if (indices.Any(index => index < -size || index >= size)) return null;
        long[] shape = [.. constant.Shape.Take(axis), .. places.Shape, .. constant.Shape.Skip(axis + 1)];
        if (shape.Length > MaxRank) return null;
        if (indices.Length == 1)
            return OperatorCall.Value(c.Pool.Reshaped(SliceOf(c, constant, axis, indices[0] < 0 ? indices[0] + size : indices[0], 1),
            shape));
        if (LiteralOperators.CountOf(shape) is not { } count || c.Pool.LiteralOf(constant) is not { } literal || count == 0) return null;
        long inner = 1;
        for (var i = axis + 1; i < constant.Rank; i++) inner *= constant.Shape[i];
        return OperatorCall.Value(LiteralOperators.Filled(c, shape, literal, count, i =>
        {
            var (outer, rest) = Math.DivRem(i, indices.Length * inner);
            var (place, within) = Math.DivRem(rest, inner);
            var index = indices[place] < 0 ? indices[place] + size : indices[place];
            return (int)((((outer * size) + index) * inner) + within);
        }));
    }

    private static Constant SliceOf(OperatorCall c, Constant constant, int axis, long start, long count)
    {
        if ((constant is Literal || constant.IsInteger) && c.Pool.LiteralOf(constant) is { } literal)
        {
            long inner = 1;
            for (var i = axis + 1; i < literal.Rank; i++) inner *= literal.Shape[i];
            long[] shape = [.. literal.Shape];
            shape[axis] = count;
            var total = (int)shape.Aggregate(1L, (a, b) => a * b);
            return LiteralOperators.Filled(c, shape, literal, total, i =>
            {
                var (outer, rest) = Math.DivRem(i, count * inner);
                return (int)((((outer * literal.Shape[axis]) + start) * inner) + rest);
            });
        }

        return c.Pool.Sliced(constant, axis, start, count);
    }

    /// <summary>Selects some indices of an axis: channels, or rows of a text.</summary>
    private static ActivationValue? Part(OperatorCall c, ActivationValue x, int axis, long start, long count)
    {
        var sizes = x.Axes.Sizes;
        if (start < 0 || count < 1 || start + count > sizes[axis]) return null;
        if (count == sizes[axis]) return x;
        if (c.Settle(x) is not { } layer) return null;
        if (x.Axes.IsChannels(axis, layer.Width))
            return OperatorCall.Value(c.Add(new ColumnsLayer(layer, (int)start, (int)count)),
                x.Axes.With(axis, new AxisPart(AxisKind.Channel, count)));
        if (x.Axes[axis] is not [{ Kind: AxisKind.Token }]) return null;
        var (inner, offset) = Unshifted(layer);
        if (start == 0 && count == 1 && offset == 0 && sizes[axis] == c.Batch.Tokens)
            return OperatorCall.Value(c.Add(UnaryKind.FirstToken, inner), x.Axes.With(axis, new AxisPart(AxisKind.Token, 1)));
        return count == 1 ? null : Window(c, inner, x.Axes, axis, offset + start, count);
    }

    private static ActivationValue Window(OperatorCall c, Layer layer, Axes axes, int axis, long offset, long count)
    {
        var whole = offset == 0 && count == c.Batch.Tokens;
        return OperatorCall.Value(whole ? layer : c.Add(UnaryKind.Shifted, layer, offset),
            axes.With(axis, new AxisPart(AxisKind.Token, count)));
    }

    private static (Layer Layer, long Offset) Unshifted(Layer layer) =>
        layer is UnaryLayer { Kind: UnaryKind.Shifted } shifted ? (shifted.X, (long)shifted.Number) : (layer, 0);

    private static OnnxValue? JoinConstants(OperatorCall c, int axis)
    {
        var parts = new Constant[c.InputCount];
        for (var i = 0; i < parts.Length; i++)
        {
            if (c.Constant(i) is not { } part || part.Rank != c.Constant(0)!.Rank) return null;
            if (part.Shape.Where((size, other) => other != axis && size != c.Constant(0)!.Shape[other]).Any()) return null;
            parts[i] = part;
        }

        if (parts.All(part => part is Literal || part.IsInteger))
        {
            if (parts.Any(part => c.Pool.LiteralOf(part) is null) || parts[0].Rank != 1) return null;
            var literals = parts.Select(part => c.Pool.LiteralOf(part)!).ToList();
            var count = literals.Sum(literal => literal.Count);
            if (count > ConstantPool.MaxLiteral) return null;
            return OperatorCall.Value(literals.All(literal => literal.Integers is not null)
                ? c.Pool.Integers([count], [.. literals.SelectMany(literal => literal.Integers!)])
                : c.Pool.Numbers([count], [.. literals.SelectMany(literal =>
                    Enumerable.Range(0, (int)literal.Count).Select(i => literal[i]))]));
        }

        return parts.Sum(part => part.Count) <= Array.MaxLength / sizeof(float) ? OperatorCall.Value(c.Pool.Joined(parts, axis)) : null;
    }
}
