using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Safetensors;

/// <summary>
/// Weights in several files, with an index of the file of each tensor (model.safetensors.index.json, pytorch_model.bin.index.json). The
/// files are in the folder of the index. A name that leaves this folder is refused.
/// </summary>
internal sealed class ShardedTensors : ITensorSource, ITensorBytes
{
    private const int MaxIndexBytes = 32 << 20;
    private const int MaxShards = 1000;
    private readonly string _index;
    private readonly List<ITensorSource> _shards = [];
    private readonly Dictionary<string, ITensorSource> _tensors = new(StringComparer.Ordinal);

    private ShardedTensors(string index) => _index = index;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens an index and every file that it names.</summary>
    /// <param name="index">The path of the index.</param>
    /// <param name="open">Opens one file with the reader for this kind of index.</param>
    /// <exception cref="InvalidModelFileException">The index or a file is damaged or missing, or they contradict each other.</exception>
    public static ShardedTensors Open(string index, Func<string, ITensorSource> open)
    {
        var map = ReadIndex(index);
        var folder = Path.GetDirectoryName(Path.GetFullPath(index))!;
        var result = new ShardedTensors(index);
        try
        {
            foreach (var file in map.Values.Distinct(StringComparer.Ordinal)) result.Add(file, open(ModelPaths.FileIn(folder, file)));
            foreach (var (tensor, file) in map)
            {
                if (!result._tensors.TryGetValue(tensor, out var shard))
                    throw new InvalidModelFileException(index, tensor, $"is in none of the files; the index says {file}");
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Reads an index without opening the files that it names.</summary>
    public static Dictionary<string, string> ReadIndex(string index) => ParseIndex(StrictJson.ReadFile(index, MaxIndexBytes), index);

    /// <summary>Maps tensors to file names. Each must be the plain name of a file in the folder of the index.</summary>
    /// <exception cref="InvalidModelFileException">The content is not an index, or a file name is not plain.</exception>
    public static Dictionary<string, string> ParseIndex(ReadOnlySpan<byte> utf8, string index)
    {
        if (StrictJson.ParseObject(utf8, index)["weight_map"] is not JsonObject entries)
            throw new InvalidModelFileException(index, "weight_map", "is missing or no object");
        if (entries.Count is 0 or > SafetensorsHeader.MaxTensors)
            throw new InvalidModelFileException(index, "weight_map",
                $"has {entries.Count} tensors; there must be 1 to {SafetensorsHeader.MaxTensors}");
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (tensor, value) in entries)
        {
            if (value?.GetValueKind() != JsonValueKind.String)
                throw new InvalidModelFileException(index, tensor, "its file is not a string");
            var file = value.GetValue<string>();
            if (!ModelPaths.IsPlainFileName(file))
                throw new InvalidModelFileException(index, tensor, $"'{file}' is not the plain name of a file in the model's folder");
            if (files.Add(file) && files.Count > MaxShards)
                throw new InvalidModelFileException(index, "weight_map", $"names more than {MaxShards} files");
            map.Add(tensor, file);
        }

        return map;
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? info)
    {
        info = null;
        return _tensors.TryGetValue(name, out var shard) && shard.TryGetTensor(name, out info);
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, Span<float> destination) => Shard(name).ReadFloats(name, destination);

    /// <inheritdoc/>
    public void ReadInt64s(string name, Span<long> destination) => Shard(name).ReadInt64s(name, destination);

    /// <inheritdoc/>
    public void ReadBytes(string name, long offset, Span<byte> destination)
    {
        if (Shard(name) is not ITensorBytes shard)
        {
            throw new InvalidModelFileException(
                _index, name, "is stored as integers in a file of PyTorch; quantized weights are read from safetensors",
                kind: ErrorKind.Unsupported);
        }

        shard.ReadBytes(name, offset, destination);
    }

    public void Dispose()
    {
        foreach (var shard in _shards) shard.Dispose();
    }

    private void Add(string file, ITensorSource shard)
    {
        _shards.Add(shard);
        foreach (var name in shard.Names)
        {
            if (!_tensors.TryAdd(name, shard))
                throw new InvalidModelFileException(_index, name, $"is in two of the files, {file} and one before it");
        }
    }

    private ITensorSource Shard(string name) =>
        _tensors.TryGetValue(name, out var shard) ? shard : throw new ArgumentException($"{_index} has no tensor '{name}'", nameof(name));
}
