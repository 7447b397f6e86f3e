using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>
/// The dequantized tensors of a quantized checkpoint: a weight has its usual name and float32 values instead of integers and scales. Code
/// that can compute with integers reads them directly. Reading is thread-safe.
/// </summary>
internal sealed class QuantizedTensors : ITensorSource
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>The largest scale, so that a scale times the largest integer is finite.</summary>
    private const float LargestScale = float.MaxValue / 128;

    private readonly ITensorBytes _bytes;
    private readonly string _path;
    private readonly Dictionary<string, QuantizedTensor> _quantized;
    private readonly List<string> _names;

    private QuantizedTensors(
        ITensorSource stored, QuantizationSettings settings, Dictionary<string, QuantizedTensor> quantized, List<string> others,
        string path)
    {
        Stored = stored;
        _bytes = stored as ITensorBytes ?? throw new InvalidModelFileException(
            path, null, "holds quantized weights in a file of PyTorch; they are read from safetensors", kind: ErrorKind.Unsupported);
        _quantized = quantized;
        _names = [.. quantized.Keys, .. others];
        _path = path;
        HasActivations = settings.Groups.Any(group => group.HasActivations);
    }

    /// <summary>The tensors as they are stored in the file.</summary>
    public ITensorSource Stored { get; }

    /// <summary>Whether the model is meant to be computed with activations in int8.</summary>
    public bool HasActivations { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Returns the dequantized tensors of a checkpoint, or the checkpoint itself if it is not quantized.</summary>
    /// <param name="stored">The tensors of the file, which are taken over.</param>
    /// <param name="quantization">The field of config.json, or null if there is none.</param>
    /// <param name="configurationFile">The path of config.json in messages.</param>
    /// <param name="path">The path of the weights in messages.</param>
    /// <exception cref="InvalidModelFileException">
    /// The field or a tensor is damaged, they contradict each other, or the quantization is not supported.
    /// </exception>
    public static ITensorSource Wrap(ITensorSource stored, JsonNode? quantization, string configurationFile, string path)
    {
        var settings = quantization is null ? null : QuantizationSettings.Parse(quantization, configurationFile);
        var (quantized, others) = new QuantizedTensorNames(stored, settings, path).Find();
        if (quantized.Count > 0) return new QuantizedTensors(stored, settings!, quantized, others, path);
        if (settings is { IsCompressed: true })
        {
            throw new InvalidModelFileException(configurationFile, $"field '{QuantizationSettings.Field}'",
                "says that the weights are quantized, and none is; remove the field, or take the weights that belong to it");
        }

        return stored;
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? info)
    {
        if (!_quantized.TryGetValue(name, out var tensor)) return Stored.TryGetTensor(name, out info);
        info = tensor.Info;
        return true;
    }

    /// <summary>Returns how a tensor is stored.</summary>
    public StoredForm FormOf(string name) => _quantized.TryGetValue(name, out var tensor) ? tensor.Form : StoredForm.Float32;

    /// <summary>Reads the integers of a tensor and its scales.</summary>
    /// <param name="name">The name of a tensor that is stored as integers.</param>
    /// <param name="rows">Receives <see cref="StoredForms.RowBytes"/> bytes for each row.</param>
    /// <param name="scales">Receives one scale per row.</param>
    /// <exception cref="InvalidModelFileException">The file cannot be read, or a scale is invalid.</exception>
    public void ReadRows(string name, Span<byte> rows, Span<float> scales)
    {
        var tensor = _quantized[name];
        ReadScales(tensor, scales);
        var rowBytes = (int)StoredForms.RowBytes(tensor.Form, tensor.Columns);
        if (rows.Length != (long)rowBytes * tensor.Rows)
            throw new ArgumentException($"tensor '{name}' has {tensor.Rows} rows", nameof(rows));
        if (!tensor.IsPacked || tensor.Bits == 4)
        {
            _bytes.ReadBytes(tensor.Data.Name, 0, rows);
            return;
        }

        // Bytes that are 128 too large, in rows of whole words.
        for (var row = 0; row < tensor.Rows; row++)
        {
            var target = rows.Slice(row * rowBytes, rowBytes);
            _bytes.ReadBytes(tensor.Data.Name, (long)row * tensor.StoredRowBytes, target);
            foreach (ref var value in target) value ^= 0x80;
        }
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, Span<float> destination)
    {
        if (!_quantized.TryGetValue(name, out var tensor))
        {
            Stored.ReadFloats(name, destination);
            return;
        }

        TensorReader.CheckLength(tensor.Info, destination.Length, nameof(destination));
        var scales = new float[tensor.Rows];
        ReadScales(tensor, scales);
        var rowBytes = tensor.StoredRowBytes;
        var rowsAtOnce = Math.Clamp(ChunkBytes / rowBytes, 1, tensor.Rows);
        var buffer = ArrayPool<byte>.Shared.Rent(rowsAtOnce * rowBytes);
        try
        {
            for (var first = 0; first < tensor.Rows; first += rowsAtOnce)
            {
                var count = Math.Min(rowsAtOnce, tensor.Rows - first);
                var bytes = buffer.AsSpan(0, count * rowBytes);
                _bytes.ReadBytes(tensor.Data.Name, (long)first * rowBytes, bytes);
                for (var row = 0; row < count; row++)
                {
                    Dequantize(tensor, bytes.Slice(row * rowBytes, rowBytes), scales[first + row],
                        destination.Slice((first + row) * tensor.Columns, tensor.Columns));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public void ReadInt64s(string name, Span<long> destination)
    {
        if (_quantized.TryGetValue(name, out var tensor)) TensorReader.CheckIntegers(tensor.Info);
        Stored.ReadInt64s(name, destination);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => Stored.Dispose();

    private static void Dequantize(QuantizedTensor tensor, ReadOnlySpan<byte> row, float scale, Span<float> target)
    {
        if (tensor.Bits == 4)
        {
            for (var i = 0; i < target.Length; i++) target[i] = scale * StoredForms.Int4At(row, i);
            return;
        }

        var bias = tensor.IsPacked ? 0x80 : 0;
        for (var i = 0; i < target.Length; i++) target[i] = scale * (sbyte)(row[i] ^ bias);
    }

    private void ReadScales(QuantizedTensor tensor, Span<float> scales)
    {
        Stored.ReadFloats(tensor.Scales.Name, scales);
        for (var i = 0; i < scales.Length; i++)
        {
            if (scales[i] is > 0 and <= LargestScale) continue;
            throw new InvalidModelFileException(_path, tensor.Scales.Name,
                FormattableString.Invariant($"element {i} is {scales[i]}; a scale is a finite number above 0"));
        }
    }
}
