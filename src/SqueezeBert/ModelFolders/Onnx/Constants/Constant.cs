using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Onnx.Constants;

/// <summary>
/// A tensor whose elements are given by the file: stored, computed, or a view of another constant. Elements are read on request. Equal
/// constants of a <see cref="ConstantPool"/> have the same <see cref="Id"/>.
/// </summary>
internal abstract class Constant(int id, TensorType type, long[] shape, int depth = 0)
{
    public int Id => id;

    /// <summary>The type of the stored elements, or float32 for computed ones.</summary>
    public TensorType Type => type;

    public IReadOnlyList<long> Shape => shape;

    public int Rank => shape.Length;

    /// <summary>The number of constants that this one is a view of, one through another.</summary>
    public int Depth => depth;

    public long Count { get; } = shape.Aggregate(1L, (product, size) => product * size);

    public bool IsInteger => type is not (TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64);

    /// <summary>Reads all elements in row-major order as float32.</summary>
    public abstract void Read(Span<float> destination);

    public float[] ToArray()
    {
        var values = new float[Count];
        Read(values);
        return values;
    }

    public override string ToString() => $"{type} [{string.Join(", ", shape)}]";
}

/// <summary>A constant whose elements are in a file.</summary>
internal sealed class StoredConstant(int id, TensorType type, long[] shape, string name, ByteSource source, long start)
    : Constant(id, type, shape)
{
    private readonly TensorInfo _info =
        new(name, type, [.. shape], shape.Aggregate((long)TensorTypes.SizeOf(type), (product, size) => product * size));

    public string Name => name;

    public override void Read(Span<float> destination) => TensorReader.ReadFloats(source, _info, start, destination);

    public void ReadIntegers(Span<long> destination) => TensorReader.ReadInt64s(source, _info, start, destination);
}

/// <summary>A small constant whose numbers are known: shapes, scales or positions. Booleans are integers.</summary>
internal sealed class Literal : Constant
{
    private (double? Number, bool)? _uniform;

    public Literal(int id, long[] shape, long[] integers)
        : base(id, TensorType.Int64, shape) => Integers = integers;

    public Literal(int id, long[] shape, double[] numbers)
        : base(id, TensorType.Float32, shape) => Numbers = numbers;

    /// <summary>The elements if they are integers, otherwise null.</summary>
    public long[]? Integers { get; }

    /// <summary>The elements if they are not integers, otherwise null.</summary>
    public double[]? Numbers { get; }

    public double this[int index] => Integers is null ? Numbers![index] : Integers[index];

    /// <summary>The value of all elements if they are equal, otherwise null.</summary>
    public double? Uniform => (_uniform ??= (FindUniform(), true)).Number;

    public override void Read(Span<float> destination)
    {
        for (var i = 0; i < destination.Length; i++) destination[i] = (float)this[i];
    }

    private double? FindUniform()
    {
        if (Count == 0) return null;
        for (var i = 1; i < Count; i++)
            if (!this[i].Equals(this[0])) return null;
        return this[0];
    }
}
