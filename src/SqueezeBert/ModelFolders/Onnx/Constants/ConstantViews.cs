using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Onnx.Constants;

/// <summary>The same elements in the same order, with other sizes.</summary>
internal sealed class ReshapedConstant(int id, Constant of, long[] shape) : Constant(id, of.Type, shape, of.Depth + 1)
{
    public Constant Of => of;

    public override void Read(Span<float> destination) => of.Read(destination);
}

/// <summary>A matrix [columns, rows] as [rows, columns].</summary>
internal sealed class TransposedConstant(int id, Constant of) : Constant(id, of.Type, [of.Shape[1], of.Shape[0]], of.Depth + 1)
{
    private const int Block = 32;

    public Constant Of => of;

    public override void Read(Span<float> destination)
    {
        var values = of.ToArray();
        int rows = (int)of.Shape[0], columns = (int)of.Shape[1];
        for (var i0 = 0; i0 < rows; i0 += Block)
        {
            var i1 = Math.Min(rows, i0 + Block);
            for (var j0 = 0; j0 < columns; j0 += Block)
            {
                var j1 = Math.Min(columns, j0 + Block);
                for (var i = i0; i < i1; i++)
                    for (var j = j0; j < j1; j++) destination[(j * rows) + i] = values[(i * columns) + j];
            }
        }
    }
}

/// <summary>Elements [start, start + count) of an axis.</summary>
internal sealed class SlicedConstant(int id, Constant of, int axis, long start, long count)
    : Constant(id, of.Type, Sizes(of, axis, count), of.Depth + 1)
{
    public Constant Of => of;

    public int Axis => axis;

    public long Start => start;

    public override void Read(Span<float> destination)
    {
        var values = of.ToArray();
        long outer = 1, inner = 1;
        for (var i = 0; i < axis; i++) outer *= of.Shape[i];
        for (var i = axis + 1; i < of.Rank; i++) inner *= of.Shape[i];
        for (long i = 0; i < outer; i++)
        {
            var from = ((i * of.Shape[axis]) + start) * inner;
            values.AsSpan((int)from, (int)(count * inner)).CopyTo(destination[(int)(i * count * inner)..]);
        }
    }

    private static long[] Sizes(Constant of, int axis, long count)
    {
        var sizes = of.Shape.ToArray();
        sizes[axis] = count;
        return sizes;
    }
}

/// <summary>Constants that are concatenated along an axis.</summary>
internal sealed class JoinedConstant(int id, Constant[] parts, int axis)
    : Constant(id, parts[0].Type, Sizes(parts, axis), parts.Max(part => part.Depth) + 1)
{
    public override void Read(Span<float> destination)
    {
        long outer = 1, inner = 1, start = 0;
        for (var i = 0; i < axis; i++) outer *= Shape[i];
        for (var i = axis + 1; i < Rank; i++) inner *= Shape[i];
        foreach (var part in parts)
        {
            var values = part.ToArray();
            var run = (int)(part.Shape[axis] * inner);
            for (var i = 0; i < outer; i++) values.AsSpan(i * run, run).CopyTo(destination[(int)((i * Shape[axis] * inner) + start)..]);
            start += run;
        }
    }

    private static long[] Sizes(Constant[] parts, int axis)
    {
        var sizes = parts[0].Shape.ToArray();
        sizes[axis] = parts.Sum(part => part.Shape[axis]);
        return sizes;
    }
}

/// <summary>All elements multiplied by a number.</summary>
internal sealed class ScaledConstant(int id, Constant of, float factor) : Constant(id, TensorType.Float32, [.. of.Shape], of.Depth + 1)
{
    public override void Read(Span<float> destination)
    {
        of.Read(destination);
        foreach (ref var value in destination) value *= factor;
    }
}

/// <summary>(q - zero) · scale of integers: one scale and zero for all elements, or one for each index of an axis.</summary>
internal sealed class DequantizedConstant(int id, Constant of, Constant scale, Constant? zero, int axis)
    : Constant(id, TensorType.Float32, [.. of.Shape], of.Depth + 1)
{
    public override void Read(Span<float> destination)
    {
        of.Read(destination);
        var scales = scale.ToArray();
        var zeros = zero?.ToArray() ?? [0];
        long inner = 1;
        for (var i = axis + 1; i < Rank; i++) inner *= Shape[i];
        var size = Rank == 0 ? 1 : Shape[axis];
        for (var i = 0; i < destination.Length; i++)
        {
            var index = (int)(i / inner % size);
            destination[i] = (destination[i] - zeros[zeros.Length == 1 ? 0 : index]) * scales[scales.Length == 1 ? 0 : index];
        }
    }
}
