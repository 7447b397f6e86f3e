using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Onnx.Format;

namespace SqueezeBert.ModelFolders.Onnx.Constants;

/// <summary>
/// Creates the constants of a model, one object for equal ones, and owns the files of external data. The files must be beside the model and
/// have plain names: no path, no ".." and no link out of the folder. Not thread-safe while it is filled; reading constants is thread-safe.
/// </summary>
internal sealed class ConstantPool(ByteSource source, string? folder) : IDisposable
{
    /// <summary>
    /// The largest number of elements of a constant that is computed with. Larger constants are only viewed in other ways.
    /// </summary>
    public const int MaxLiteral = 1 << 16;

    /// <summary>The largest number of elements of all computed constants together, because each takes time and memory.</summary>
    private const long MaxComputed = 1 << 20;

    /// <summary>The largest number of elements of literals that are compared with others.</summary>
    private const int MaxCompared = 64;

    /// <summary>
    /// The limit of growth. Constants may be concatenated, and 8-bit weights become four times as large. No constant may be larger than
    /// this many times the file.
    /// </summary>
    public const int MaxGrowth = 32;

    /// <summary>The largest depth of views. Exporters transpose, slice and scale a constant once or twice.</summary>
    private const int MaxDepth = 16;

    private const int MaxFiles = 1000;
    private readonly Dictionary<string, ByteSource> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Kind, int Of, string Detail), Constant> _views = [];
    private readonly Dictionary<int, Literal?> _literals = [];
    private int _count;
    private long _computed;

    public ByteSource Source => source;

    /// <summary>The number of bytes of all open files.</summary>
    public long TotalBytes => source.Length + _files.Values.Sum(file => file.Length);

    public Constant Stored(string name, TensorType type, long[] shape, long bytes, ProtobufRange range) => range.Length == bytes
        ? new StoredConstant(_count++, type, shape, name, source, range.Start)
        : throw new InvalidModelFileException(source.Name, name,
            $"has {range.Length} bytes where its shape [{string.Join(", ", shape)}] and type {type} need {bytes}");

    public Constant InMemory(string name, TensorType type, long[] shape, byte[] bytes) =>
        new StoredConstant(_count++, type, shape, name, ByteSource.InMemory(source.Name, bytes), 0);

    public Constant External(string name, TensorType type, long[] shape, long bytes, Dictionary<string, string> fields)
    {
        if (!fields.TryGetValue("location", out var location)) throw Error(name, "its external data has no location");
        if (!ModelPaths.IsPlainFileName(location))
            throw Error(name, $"its external data is in '{location}', which is not the plain name of a file beside the model");
        var start = Number(fields, "offset", name) ?? 0;
        var length = Number(fields, "length", name) ?? bytes;
        if (length != bytes)
            throw Error(name,
            $"has {length} bytes of external data where its shape [{string.Join(", ", shape)}] and type {type} need {bytes}");
        var file = OpenFile(location, name);
        if (start > file.Length || bytes > file.Length - start)
            throw Error(name, $"its {bytes} bytes from {start} on end after '{location}', which has {file.Length}");
        return new StoredConstant(_count++, type, shape, name, file, start);
    }

    public Literal Integers(long[] shape, params long[] values)
    {
        Charge(values.Length);
        return values.Length > MaxCompared
            ? new Literal(_count++, shape, values)
            : (Literal)View("integers", 0, Text(shape) + ":" + Text(values), id => new Literal(id, shape, values));
    }

    public Literal Numbers(long[] shape, params double[] values)
    {
        Charge(values.Length);
        if (values.Length > MaxCompared) return new Literal(_count++, shape, values);
        var detail = Text(shape) + ":" + string.Join(',',
            values.Select(value => BitConverter.DoubleToInt64Bits(value).ToString("x", CultureInfo.InvariantCulture)));
        return (Literal)View("numbers", 0, detail, id => new Literal(id, shape, values));
    }

    /// <summary>Returns the numbers of a small constant, or null for a large one.</summary>
    public Literal? LiteralOf(Constant constant)
    {
        if (constant is Literal literal) return literal;
        if (constant.Count > MaxLiteral) return null;
        if (_literals.TryGetValue(constant.Id, out var known)) return known;
        Charge(constant.Count);
        if (constant.IsInteger)
        {
            var integers = new long[constant.Count];
            if (constant is StoredConstant stored)
            {
                stored.ReadIntegers(integers);
            }
            else
            {
                // A view of integers: those are small, and a float holds them.
                var values = constant.ToArray();
                for (var i = 0; i < values.Length; i++) integers[i] = (long)values[i];
            }

            known = new Literal(_count++, [.. constant.Shape], integers);
        }
        else
        {
            known = new Literal(_count++, [.. constant.Shape], Array.ConvertAll(constant.ToArray(), value => (double)value));
        }

        return _literals[constant.Id] = known;
    }

    public Constant Reshaped(Constant of, long[] shape)
    {
        if (of is ReshapedConstant view) of = view.Of;
        if (of is Literal { Integers: { } integers }) return Integers(shape, integers);
        if (of is Literal { Numbers: { } numbers }) return Numbers(shape, numbers);
        return of.Shape.SequenceEqual(shape) ? of : View("reshaped", of.Id, Text(shape), id => new ReshapedConstant(id, of, shape));
    }

    public Constant Transposed(Constant of) =>
        of is TransposedConstant view ? view.Of : View("transposed", of.Id, "", id => new TransposedConstant(id, of));

    public Constant Sliced(Constant of, int axis, long start, long count)
    {
        if (start == 0 && count == of.Shape[axis]) return of;
        if (of is SlicedConstant view && view.Axis == axis) return Sliced(view.Of, axis, view.Start + start, count);
        return View("sliced", of.Id, string.Create(CultureInfo.InvariantCulture, $"{axis},{start},{count}"), id =>
            new SlicedConstant(id, of, axis, start, count));
    }

    public Constant Joined(Constant[] parts, int axis) =>
        View("joined", axis, Text(parts.Select(part => (long)part.Id)), id => new JoinedConstant(id, parts, axis));

    public Constant Scaled(Constant of, float factor) => factor == 1
        ? of
        : View("scaled", of.Id, BitConverter.SingleToInt32Bits(factor).ToString(CultureInfo.InvariantCulture), id =>
            new ScaledConstant(id, of, factor));

    /// <summary>Returns null if scale and zero point are neither single numbers nor one number per index of the axis.</summary>
    public Constant? Dequantized(Constant of, Constant scale, Constant? zero, int axis)
    {
        if (axis < 0) axis += Math.Max(of.Rank, 1);
        if (axis < 0 || axis >= Math.Max(of.Rank, 1) || !of.IsInteger) return null;
        var size = of.Rank == 0 ? 1 : of.Shape[axis];
        if (scale.Count != 1 && scale.Count != size) return null;
        if (zero is not null && zero.Count != 1 && zero.Count != size) return null;
        return View("dequantized", of.Id, Text([scale.Id, zero?.Id ?? -1, axis]), id => new DequantizedConstant(id, of, scale, zero, axis));
    }

    /// <summary>Returns whether two constants have the same elements, bit by bit.</summary>
    public static bool HaveSameElements(Constant a, Constant b)
    {
        if (a.Id == b.Id) return true;
        if (!a.Shape.SequenceEqual(b.Shape)) return false;
        return a.ToArray().AsSpan().SequenceEqual(b.ToArray());
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
        source.Dispose();
    }

    private Constant View(string kind, int of, string detail, Func<int, Constant> make)
    {
        var key = (kind, of, detail);
        if (_views.TryGetValue(key, out var known)) return known;
        var view = make(_count++);
        if (view.Depth > MaxDepth)
            throw new InvalidModelFileException(source.Name, null, $"sees a constant through more than {MaxDepth} operators");
        if (view is not Literal && view.Count * sizeof(float) / MaxGrowth > TotalBytes)
            throw new InvalidModelFileException(source.Name, null, $"makes a constant of {view.Count} elements, too large for its length");
        return _views[key] = view;
    }

    private ByteSource OpenFile(string location, string tensor)
    {
        if (_files.TryGetValue(location, out var file)) return file;
        if (folder is null) throw Error(tensor, "has external data, and the model has no folder");
        if (_files.Count >= MaxFiles) throw Error(tensor, $"its external data is in one of more than {MaxFiles} files");
        return _files[location] = ByteSource.Open(ModelPaths.FileIn(folder, location));
    }

    private long? Number(Dictionary<string, string> fields, string field, string tensor)
    {
        if (!fields.TryGetValue(field, out var text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Error(tensor, $"the {field} of its external data is '{text}', not a number");
    }

    /// <summary>Counts work on this number of elements against the limit.</summary>
    public void Charge(long elements)
    {
        _computed += elements;
        if (_computed > MaxComputed)
            throw new InvalidModelFileException(source.Name, null, "computes with more constants than any supported model does");
    }

    private InvalidModelFileException Error(string tensor, string reason) => new(source.Name, tensor, reason);

    private static string Text(IEnumerable<long> numbers) =>
        string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
