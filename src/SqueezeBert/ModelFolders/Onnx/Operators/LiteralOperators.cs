using SqueezeBert.ModelFolders.Onnx.Constants;

namespace SqueezeBert.ModelFolders.Onnx.Operators;

/// <summary>Arithmetic on small constants, with which exporters compute shapes, positions and scales.</summary>
internal static class LiteralOperators
{
    private const int MaxRank = 16;

    /// <summary>
    /// Returns the constant that a node computes from constants. Null if the operator is another one or its inputs do not fit.
    /// </summary>
    public static Constant? Fold(OperatorCall c)
    {
        switch (c.Node.Operation)
        {
            case "Range":
                return Range(c);
            case "ConstantOfShape":
                return ConstantOfShape(c);
            case "Expand":
                return c.Literal(0) is { } data && c.Integers(1) is { } to ? Expand(c, data, to) : null;
            case "Tile":
                return c.Literal(0) is { } tiled && c.Integers(1) is { } times ? Tile(c, tiled, times) : null;
            case "Where":
                return c.Literal(0) is { } condition && c.Literal(1) is { } yes
                    && c.Literal(2) is { } no ? Where(c, condition, yes, no) : null;
            case "Cast":
                return c.Literal(0) is { } cast ? Cast(c, cast, c.Node.Integer("to", 0)) : null;
            case "ReduceProd" or "ReduceSum" or "ReduceMax" or "ReduceMin" when c.Node.Integers("axes") is null && c[1] is null:
                return c.Literal(0) is { } reduced ? Reduce(c, reduced) : null;
        }

        if (NumberFunctions.Unary(c.Node) is { } unary && c.Literal(0) is { } x) return Map(c, x, unary);
        return c.InputCount == 2 && c.Literal(0) is { } a && c.Literal(1) is { } b ? Binary(c, a, b) : null;
    }

    private static Literal? Map(OperatorCall c, Literal x, Func<double, double> function)
    {
        var values = new double[x.Count];
        for (var i = 0; i < values.Length; i++) values[i] = function(x[i]);
        var isInteger = NumberFunctions.IsTruth(c.Node) || (x.Integers is not null && c.Node.Operation is "Neg" or "Abs");
        return isInteger ? c.Pool.Integers([.. x.Shape], Array.ConvertAll(values, ToInteger)) : c.Pool.Numbers([.. x.Shape], values);
    }

    private static Literal? Binary(OperatorCall c, Literal a, Literal b)
    {
        if (BroadcastShape(a.Shape, b.Shape) is not { } shape) return null;
        var count = CountOf(shape);
        if (count is null) return null;
        var (ia, ib) = (Places(a.Shape, shape), Places(b.Shape, shape));
        if (a.Integers is { } left && b.Integers is { } right && NumberFunctions.IntegerBinary(c.Node) is { } integer)
        {
            var results = new long[count.Value];
            for (var i = 0; i < results.Length; i++) results[i] = integer(left[ia(i)], right[ib(i)]);
            return c.Pool.Integers(shape, results);
        }

        if (NumberFunctions.Binary(c.Node) is not { } function) return null;
        var values = new double[count.Value];
        for (var i = 0; i < values.Length; i++) values[i] = function(a[ia(i)], b[ib(i)]);
        if (NumberFunctions.IsTruth(c.Node) || (c.Node.Operation == "Pow" && a.Integers is not null))
            return c.Pool.Integers(shape, Array.ConvertAll(values, ToInteger));
        return c.Pool.Numbers(shape, values);
    }

    private static Literal? Cast(OperatorCall c, Literal x, long type)
    {
        if (NumberFunctions.Cast(type) is not { } function) return null;
        long[] shape = [.. x.Shape];
        if (!NumberFunctions.IsIntegerType(type))
            return x.Integers is null ? x : c.Pool.Numbers(shape, Array.ConvertAll(x.Integers, value => (double)value));
        if (x.Integers is { } integers && type != 9) return x;
        var values = new long[x.Count];
        for (var i = 0; i < values.Length; i++) values[i] = ToInteger(function(x[i]));
        return c.Pool.Integers(shape, values);
    }

    private static Literal? Range(OperatorCall c)
    {
        if (c.Literal(0) is not { Count: 1, Integers: [var start] } || c.Literal(1) is not { Count: 1, Integers: [var limit] }
            || c.Literal(2) is not { Count: 1, Integers: [var step] }) return null;
        if (step == 0) return null;
        var count = Math.Ceiling(((double)limit - start) / step);
        if (count is not (>= 0 and <= ConstantPool.MaxLiteral)) return null;
        var values = new long[(int)count];
        for (var i = 0; i < values.Length; i++) values[i] = start + (i * step);
        return c.Pool.Integers([values.Length], values);
    }

    private static Literal? ConstantOfShape(OperatorCall c)
    {
        if (c.Integers(0) is not { } shape || CountOf(shape) is not { } count) return null;
        var value = c.Node.Attributes.TryGetValue("value", out var attribute)
            && attribute.Tensor is { Count: 1 } tensor ? c.Pool.LiteralOf(tensor)! : c.Pool.Numbers([1], 0);
        return Filled(c, shape, value, count, _ => 0);
    }

    private static Literal? Expand(OperatorCall c, Literal data, long[] to) =>
        BroadcastShape(data.Shape, to) is { } shape
            && CountOf(shape) is { } count ? Filled(c, shape, data, count, Places(data.Shape, shape)) : null;

    private static Literal? Tile(OperatorCall c, Literal data, long[] times)
    {
        if (times.Length != data.Rank || times.Any(time => time < 0 || time > ConstantPool.MaxLiteral)) return null;
        long[] shape = [.. data.Shape.Zip(times, (size, time) => size * time)];
        if (CountOf(shape) is not { } count) return null;
        return Filled(c, shape, data, count, index =>
        {
            long from = 0, stride = 1;
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                from += index % shape[axis] % data.Shape[axis] * stride;
                index = (int)(index / shape[axis]);
                stride *= data.Shape[axis];
            }

            return (int)from;
        });
    }

    private static Literal? Where(OperatorCall c, Literal condition, Literal yes, Literal no)
    {
        if (BroadcastShape(condition.Shape, yes.Shape) is not { } first || BroadcastShape(first, no.Shape) is not { } shape
            || CountOf(shape) is not { } count) return null;
        var (ic, iy, ino) = (Places(condition.Shape, shape), Places(yes.Shape, shape), Places(no.Shape, shape));
        if (yes.Integers is { } y && no.Integers is { } n)
        {
            var integers = new long[count];
            for (var i = 0; i < count; i++) integers[i] = condition[ic(i)] != 0 ? y[iy(i)] : n[ino(i)];
            return c.Pool.Integers(shape, integers);
        }

        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = condition[ic(i)] != 0 ? yes[iy(i)] : no[ino(i)];
        return c.Pool.Numbers(shape, values);
    }

    private static Literal? Reduce(OperatorCall c, Literal x)
    {
        if (x.Integers is not { Length: > 0 } values || c.Node.Integer("keepdims", 1) != 0) return null;
        c.Pool.Charge(values.Length);
        return c.Pool.Integers([], c.Node.Operation switch
        {
            "ReduceProd" => values.Aggregate(1L, (product, value) => unchecked(product * value)),
            "ReduceSum" => values.Aggregate(0L, (sum, value) => unchecked(sum + value)),
            "ReduceMax" => values.Max(),
            _ => values.Min(),
        });
    }

    /// <summary>Returns elements of a literal, selected by index.</summary>
    public static Literal Filled(OperatorCall c, long[] shape, Literal from, int count, Func<int, int> place)
    {
        if (from.Integers is { } integers)
        {
            var values = new long[count];
            for (var i = 0; i < count; i++) values[i] = integers[place(i)];
            return c.Pool.Integers(shape, values);
        }

        var numbers = new double[count];
        for (var i = 0; i < count; i++) numbers[i] = from.Numbers![place(i)];
        return c.Pool.Numbers(shape, numbers);
    }

    /// <summary>Returns null if the shapes cannot be combined.</summary>
    public static long[]? BroadcastShape(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        var shape = new long[Math.Max(a.Count, b.Count)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var x = i <= a.Count ? a[^i] : 1;
            var y = i <= b.Count ? b[^i] : 1;
            if (x != y && x != 1 && y != 1) return null;
            shape[^i] = x == 1 ? y : x;
        }

        return shape;
    }

    /// <summary>Returns the number of elements of a shape, or null if it is too large to compute with.</summary>
    public static int? CountOf(IReadOnlyList<long> shape)
    {
        if (shape.Count > MaxRank) return null;
        long count = 1;
        foreach (var size in shape)
        {
            if (size is < 0 or > ConstantPool.MaxLiteral) return null;
            count *= size;
            if (count > ConstantPool.MaxLiteral) return null;
        }

        return (int)count;
    }

    /// <summary>Maps an index of the broadcast shape to an index of an operand.</summary>
    private static Func<int, int> Places(IReadOnlyList<long> from, long[] shape)
    {
        if (from.SequenceEqual(shape)) return index => index;
        var strides = new long[shape.Length];
        long stride = 1;
        for (var i = 1; i <= from.Count; i++)
        {
            strides[^i] = from[^i] == 1 ? 0 : stride;
            stride *= from[^i];
        }

        return index =>
        {
            long place = 0;
            for (var axis = shape.Length - 1; axis >= 0; axis--)
            {
                place += index % shape[axis] * strides[axis];
                index = (int)(index / shape[axis]);
            }

            return (int)place;
        };
    }

    private static long ToInteger(double value) =>
        value >= long.MaxValue ? long.MaxValue : value <= long.MinValue ? long.MinValue : double.IsNaN(value) ? 0 : (long)value;
}
