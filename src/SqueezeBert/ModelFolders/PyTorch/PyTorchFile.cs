using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.PyTorch;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A PyTorch checkpoint, opened for reading: pytorch_model.bin, as torch.save writes a state dict in the zip format or in the legacy
/// format. The reader is restricted: nothing in the file is executed, and anything other than tensors is refused. Opening checks everything
/// except the elements, which are read and converted on request. Reading is thread-safe.
/// </summary>
public sealed class PyTorchFile : ITensorSource
{
    /// <summary>
    /// The largest ratio between the size of all tensors and that of the file. Tensors may share storages, as tied ones do, but a file that
    /// would expand to more than this many times its length is refused.
    /// </summary>
    private const int MaxSharing = 32;

    private readonly ByteSource _source;
    private readonly Dictionary<string, StoredTensor> _tensors;

    private PyTorchFile(ByteSource source)
    {
        _source = source;
        var start = source.ReadArray(0, (int)Math.Min(source.Length, 512));
        GitLfsPointer.Refuse(source.Name, start);
        _tensors = start switch
        {
            [(byte)'P', (byte)'K', ..] => Find(ZipLayout.Read(source)),
            [0x80, ..] => Find(LegacyLayout.Read(source)),
            _ when start.AsSpan().Length > 262 && start.AsSpan(257, 5).SequenceEqual("ustar"u8) =>
                throw Error(null, "has the tar layout of the first PyTorch versions; save it again with a newer one, or as safetensors"),
            _ => throw Error(null, "is not a PyTorch checkpoint: it begins neither like a zip archive nor like a pickle"),
        };
    }

    private sealed record StoredTensor(TensorInfo Info, PickleTensor View, long StorageStart);

    /// <summary>The path of the file, as given.</summary>
    public string Path => _source.Name;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens and checks a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InvalidModelFileException">
    /// The file does not exist, cannot be read, is damaged, or contains anything other than a dictionary of tensors.
    /// </exception>
    public static PyTorchFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(ByteSource.Open(path));
    }

    /// <summary>Checks a source and takes ownership of it.</summary>
    internal static PyTorchFile Open(ByteSource source)
    {
        try
        {
            return new PyTorchFile(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? info)
    {
        info = _tensors.TryGetValue(name, out var tensor) ? tensor.Info : null;
        return info is not null;
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, Span<float> destination)
    {
        var tensor = Get(name);
        if (tensor.View.IsContiguous) TensorReader.ReadFloats(_source, tensor.Info, Start(tensor), destination);
        else StridedReader.ReadFloats(_source, tensor.Info, tensor.View, tensor.StorageStart, destination);
    }

    /// <inheritdoc/>
    public void ReadInt64s(string name, Span<long> destination)
    {
        var tensor = Get(name);
        if (tensor.View.IsContiguous) TensorReader.ReadInt64s(_source, tensor.Info, Start(tensor), destination);
        else StridedReader.ReadInt64s(_source, tensor.Info, tensor.View, tensor.StorageStart, destination);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private static long Start(StoredTensor tensor) => tensor.StorageStart + (tensor.View.Offset * TensorTypes.SizeOf(tensor.Info.Type));

    private Dictionary<string, StoredTensor> Find((object? Root, IReadOnlyDictionary<string, long> StorageStarts) content)
    {
        if (content.Root is not PickleDictionary root) throw Error(null, "does not hold a dictionary of tensors; save model.state_dict()");
        if (root.Items.Count > SafetensorsHeader.MaxTensors) throw Error(null, $"has more than {SafetensorsHeader.MaxTensors} tensors");
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        long total = 0;
        foreach (var (key, value) in root.Items)
        {
            if (key is not string name) throw Error(null, "has a tensor whose name is not a string");
            if (value is not PickleTensor view) throw Error(name, $"is {Describe(value)}, not a tensor; save model.state_dict() alone");
            var info = new TensorInfo(name, view.Storage.Type, view.Shape, view.ElementCount * TensorTypes.SizeOf(view.Storage.Type));
            if (!tensors.TryAdd(name, new StoredTensor(info, view, content.StorageStarts[view.Storage.Key])))
                throw Error(name, "is there twice");
            total += Math.Min(info.ByteCount, _source.Length);
        }

        if (total / MaxSharing > _source.Length)
            throw Error(null, $"has tensors of {total} bytes, more than {MaxSharing} times the file's length");
        return tensors;
    }

    private static string Describe(object? value) => value switch
    {
        null => "None",
        string => "a string",
        bool => "a bool",
        long or double => "a number",
        PickleDictionary => "a dictionary",
        List<object?> => "a list",
        object?[] => "a tuple",
        _ => "something else",
    };

    private StoredTensor Get(string name) => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new ArgumentException($"{Path} has no tensor '{name}'", nameof(name));

    private InvalidModelFileException Error(string? item, string reason) => new(Path, item, reason);
}
