namespace SqueezeBert.ModelFolders.Onnx.Layers;

/// <summary>What an axis of an activation counts.</summary>
internal enum AxisKind
{
    Batch,
    Token,

    /// <summary>The tokens that a token attends to.</summary>
    Key,

    Channel,
    Head,

    /// <summary>Channels of one head.</summary>
    HeadChannel,
}

/// <summary>A part of an axis. Parts of size 1 are omitted, because their place cannot be determined.</summary>
internal readonly record struct AxisPart(AxisKind Kind, long Size);

/// <summary>
/// How the rows and channels of a layer are laid out in an ONNX tensor. Each axis contains one or several parts, the outer one first.
/// Reshaping splits and joins parts, and transposing moves them, while the layer stays the same. Dynamic sizes have the numbers of an
/// artificial batch.
/// </summary>
internal sealed class Axes
{
    private readonly AxisPart[][] _axes;

    private Axes(AxisPart[][] axes) => _axes = axes;

    public int Rank => _axes.Length;

    public IReadOnlyList<AxisPart> this[int axis] => _axes[axis];

    public long[] Sizes => [.. _axes.Select(parts => parts.Aggregate(1L, (product, part) => product * part.Size))];

    /// <summary>Creates axes with one part each.</summary>
    public static Axes Of(params AxisPart[] parts) => new([.. parts.Select(part => part.Size == 1 ? Array.Empty<AxisPart>() : [part])]);

    /// <summary>Returns the only axis that contains just this part, or -1.</summary>
    public int Find(AxisKind kind)
    {
        for (var i = 0; i < _axes.Length; i++)
            if (_axes[i] is [var part] && part.Kind == kind) return i;
        return -1;
    }

    public bool Has(AxisKind kind) => _axes.Any(parts => parts.Any(part => part.Kind == kind));

    /// <summary>
    /// Returns whether an axis counts all channels of a layer and nothing else. A layer with one channel has no part for it.
    /// </summary>
    public bool IsChannels(int axis, int width) =>
        width == 1 ? _axes[axis].Length == 0 : _axes[axis] is [{ Kind: AxisKind.Channel } part] && part.Size == width;

    /// <summary>Converts a negative axis, which counts from the end. Returns -1 if there is no such axis.</summary>
    public int Normalize(long axis) => axis >= 0 && axis < Rank ? (int)axis : axis < 0 && axis >= -Rank ? (int)axis + Rank : -1;

    public Axes? Transpose(IReadOnlyList<long> order)
    {
        if (order.Count != Rank || order.Distinct().Count() != Rank || order.Any(axis => axis < 0 || axis >= Rank)) return null;
        return new([.. order.Select(axis => _axes[axis])]);
    }

    /// <summary>Returns axes in which one axis has another part.</summary>
    public Axes With(int axis, AxisPart part)
    {
        var axes = _axes.ToArray();
        axes[axis] = part.Size == 1 ? [] : [part];
        return new(axes);
    }

    public Axes Without(int axis) => new([.. _axes.Where((_, i) => i != axis)]);

    /// <summary>
    /// Regroups the parts, in their order, into axes of these sizes. Channels may be split into heads once. Returns null if they do not
    /// fit.
    /// </summary>
    public Axes? Reshape(IReadOnlyList<long> sizes)
    {
        var parts = new Stack<AxisPart>(_axes.SelectMany(axis => axis).Reverse());
        var axes = new AxisPart[sizes.Count][];
        for (var i = 0; i < sizes.Count; i++)
        {
            var taken = new List<AxisPart>();
            long size = 1;
            while (size < sizes[i] && parts.TryPop(out var part))
            {
                if (sizes[i] % (size * part.Size) == 0)
                {
                    taken.Add(part);
                    size *= part.Size;
                }
                else
                {
                    // Heads are the outer part of the channels.
                    var heads = sizes[i] / size;
                    if (part.Kind != AxisKind.Channel || sizes[i] % size != 0 || part.Size % heads != 0) return null;
                    taken.Add(new(AxisKind.Head, heads));
                    parts.Push(new(AxisKind.HeadChannel, part.Size / heads));
                    size = sizes[i];
                }
            }

            if (size != sizes[i]) return null;
            axes[i] = Join(taken);
        }

        return parts.Count == 0 ? new(axes) : null;
    }

    /// <summary>Returns the axes of an element-wise result, or null if they cannot be combined.</summary>
    public static Axes? Broadcast(Axes a, Axes b)
    {
        var rank = Math.Max(a.Rank, b.Rank);
        var axes = new AxisPart[rank][];
        for (var i = 1; i <= rank; i++)
        {
            var x = i <= a.Rank ? a._axes[a.Rank - i] : [];
            var y = i <= b.Rank ? b._axes[b.Rank - i] : [];
            if (x.Length > 0 && y.Length > 0 && !x.SequenceEqual(y)) return null;
            axes[rank - i] = x.Length > 0 ? x : y;
        }

        return new(axes);
    }

    public bool IsSameAs(Axes other) => Rank == other.Rank && _axes.Zip(other._axes).All(pair => pair.First.SequenceEqual(pair.Second));

    public override string ToString() =>
        $"[{string.Join(", ", _axes.Select(parts => string.Join('·', parts.Select(part => $"{part.Kind} {part.Size}"))))}]";

    private static AxisPart[] Join(List<AxisPart> parts)
    {
        for (var i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i].Kind != AxisKind.Head || parts[i + 1].Kind != AxisKind.HeadChannel) continue;
            parts[i] = new(AxisKind.Channel, parts[i].Size * parts[i + 1].Size);
            parts.RemoveAt(i + 1);
        }

        return [.. parts];
    }
}
