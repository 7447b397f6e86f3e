using System.Collections.Immutable;
using SqueezeBert.Checkpoints;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>
/// Finds the quantized parameters of a checkpoint by the names of its tensors: "x.weight" in 8 bits, or "x.weight_packed" with
/// "x.weight_shape"; and "x.weight_scale". Everything in the header is checked, and so are the shapes of packed tensors.
/// </summary>
internal sealed class QuantizedTensorNames(ITensorSource tensors, QuantizationSettings? settings, string path)
{
    public const string ScaleSuffix = "_scale", PackedSuffix = "_packed", ShapeSuffix = "_shape";
    private const int MaxDimensions = 4;
    private static readonly string[] Unsupported = ["_zero_point", "_g_idx", "_global_scale"];

    /// <summary>Returns the quantized parameters by name, and the names of the other tensors.</summary>
    /// <exception cref="InvalidModelFileException">Tensors do not fit each other or the settings.</exception>
    public (Dictionary<string, QuantizedTensor> Quantized, List<string> Others) Find()
    {
        var quantized = new Dictionary<string, QuantizedTensor>(StringComparer.Ordinal);
        var parts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in tensors.Names)
        {
            if (!tensors.TryGetTensor(name, out var data)) continue;
            var isPacked = name.EndsWith(PackedSuffix, StringComparison.Ordinal)
                && (settings is not null || HasScale(name[..^PackedSuffix.Length]));
            if (!isPacked && !(data.Type == TensorType.Int8 && (settings is not null || HasScale(name)))) continue;
            if (Unsupported.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is not null) continue;
            var logical = isPacked ? name[..^PackedSuffix.Length] : name;
            if (settings is null)
            {
                throw Error(name, $"holds quantized weights, and config.json has no '{QuantizationSettings.Field}' that says how; " +
                    "add it, or save the model in float32");
            }

            if (!isPacked && tensors.TryGetTensor(name + PackedSuffix, out _))
                throw Error(name, $"is there twice: '{name}{PackedSuffix}' too");
            quantized.Add(logical, isPacked ? Packed(data, logical) : Plain(data));
            parts.UnionWith([name, logical + ScaleSuffix, logical + ShapeSuffix]);
        }

        foreach (var name in quantized.Keys)
        {
            foreach (var suffix in Unsupported)
            {
                if (tensors.TryGetTensor(name + suffix, out _))
                    throw Error(name + suffix, "is not supported: weights are read that have one scale a row and no zero point");
            }
        }

        return (quantized, [.. tensors.Names.Where(name => !parts.Contains(name))]);
    }

    private bool HasScale(string name) => tensors.TryGetTensor(name + ScaleSuffix, out _);

    private QuantizedTensor Plain(TensorInfo data)
    {
        if (!settings!.Groups.Any(group => !group.IsPacked))
        {
            throw Error(data.Name, $"holds int8 numbers, and no group of '{QuantizationSettings.Field}' has the format " +
                QuantizationSettings.Plain);
        }

        return Make(data.Name, data.Shape, data, 8, isPacked: false);
    }

    private QuantizedTensor Packed(TensorInfo data, string name)
    {
        if (data.Type != TensorType.Int32 || data.Shape is not [var rows, var words])
            throw Error(data.Name, $"is {data}; packed weights are int32 [rows, words]");
        if (tensors.TryGetTensor(name, out _)) throw Error(name, $"is there twice: '{data.Name}' too");
        if (!tensors.TryGetTensor(name + ShapeSuffix, out var shapeInfo)) throw Error(data.Name, $"has no '{name}{ShapeSuffix}' beside it");
        if (shapeInfo.Type is not (TensorType.Int64 or TensorType.Int32) || shapeInfo.Shape is not [>= 2 and <= MaxDimensions])
            throw Error(shapeInfo.Name, $"is {shapeInfo}; the sizes of a matrix are a list of integers");
        var shape = new long[shapeInfo.Shape[0]];
        tensors.ReadInt64s(shapeInfo.Name, shape);
        if (shape.Any(size => size is < 1 or > int.MaxValue) || shape[0] != rows)
            throw Error(shapeInfo.Name, $"is [{string.Join(", ", shape)}]; '{data.Name}' has {rows} rows");
        var columns = Columns(name, [.. shape]);
        foreach (var group in settings!.Groups.Where(group => group.IsPacked))
        {
            if (words == ((columns * group.Bits) + 31) / 32) return Make(name, [.. shape], data, group.Bits, isPacked: true);
        }

        throw Error(data.Name, $"has {words} words a row of {columns} weights, which is none of the sizes that the groups of " +
            $"'{QuantizationSettings.Field}' in the format {QuantizationSettings.Packed} give");
    }

    private QuantizedTensor Make(string name, ImmutableArray<long> shape, TensorInfo data, int bits, bool isPacked)
    {
        if (shape.Length < 2 || shape.Any(size => size < 1)) throw Error(data.Name, $"is {data}; what is quantized has rows and columns");
        var columns = Columns(name, shape);
        if (!tensors.TryGetTensor(name + ScaleSuffix, out var scales)) throw Error(data.Name, $"has no '{name}{ScaleSuffix}' beside it");
        if (scales.Type is not (TensorType.Float32 or TensorType.Float16 or TensorType.BFloat16))
            throw Error(scales.Name, $"holds {scales.Type}; scales are float32, float16 or bfloat16");
        if (scales.Shape.Length == 0 || scales.Shape[0] != shape[0] || scales.ElementCount != shape[0])
        {
            throw Error(scales.Name, $"has shape [{string.Join(", ", scales.Shape)}]; one scale for each of the {shape[0]} rows of " +
                $"'{name}' is read, not one for a group, a block or the whole");
        }

        return new QuantizedTensor(
            new TensorInfo(name, TensorType.Float32, shape, shape[0] * columns * sizeof(float)), data, scales, bits, isPacked);
    }

    /// <summary>Returns the number of elements of a row. A tensor has fewer than 2^31 elements.</summary>
    private long Columns(string name, ImmutableArray<long> shape)
    {
        long count = 1;
        foreach (var size in shape)
        {
            if (size > int.MaxValue || (count *= size) > int.MaxValue)
                throw Error(name, $"of shape [{string.Join(", ", shape)}] is too large");
        }

        return count / shape[0];
    }

    private InvalidModelFileException Error(string name, string reason) => new(path, name, reason);
}
