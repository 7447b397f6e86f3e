using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Safetensors;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// A safetensors file (https://github.com/huggingface/safetensors), opened for reading. Opening checks the whole header. Elements are read
/// and converted on request. Reading is thread-safe.
/// </summary>
public sealed class SafetensorsFile : ITensorSource, ITensorBytes
{
    private readonly ByteSource _source;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(ByteSource source)
    {
        _source = source;
        if (source.Length < 8)
            throw new InvalidModelFileException(Path, null, "is shorter than the 8 bytes a safetensors file begins with");
        Span<byte> prefix = stackalloc byte[8];
        source.Read(null, 0, prefix);
        GitLfsPointer.Refuse(source.Name, prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaxHeaderLength)
        {
            throw new InvalidModelFileException(
                Path, null,
                $"says that its header has {headerLength} bytes, more than the {SafetensorsHeader.MaxHeaderLength} allowed; " +
                    "this is not a safetensors file");
        }

        _dataStart = 8 + (long)headerLength;
        if (_dataStart > source.Length) throw new InvalidModelFileException(
            Path, null, $"its header of {headerLength} bytes ends after the file; the file is truncated");
        _header = SafetensorsHeader.Parse(source.ReadArray(8, (int)headerLength), source.Length - _dataStart, Path);
    }

    /// <summary>The path of the file, as given.</summary>
    public string Path => _source.Name;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _header.Tensors.Keys;

    /// <summary>The key-value pairs of "__metadata__" in the header; empty if there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="InvalidModelFileException">The file does not exist, cannot be read, or violates the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(ByteSource.Open(path));
    }

    /// <summary>Checks the header of a source and takes ownership of it.</summary>
    internal static SafetensorsFile Open(ByteSource source)
    {
        try
        {
            return new SafetensorsFile(source);
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
        var found = _header.Tensors.TryGetValue(name, out var tensor);
        info = tensor?.Info;
        return found;
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, Span<float> destination)
    {
        var (info, begin) = Find(name);
        TensorReader.ReadFloats(_source, info, _dataStart + begin, destination);
    }

    /// <inheritdoc/>
    public void ReadInt64s(string name, Span<long> destination)
    {
        var (info, begin) = Find(name);
        TensorReader.ReadInt64s(_source, info, _dataStart + begin, destination);
    }

    /// <inheritdoc/>
    void ITensorBytes.ReadBytes(string name, long offset, Span<byte> destination)
    {
        var (info, begin) = Find(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + destination.Length, info.ByteCount, nameof(destination));
        _source.Read(name, _dataStart + begin + offset, destination);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private SafetensorsHeader.Entry Find(string name) => _header.Tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new ArgumentException($"{Path} has no tensor '{name}'", nameof(name));
}
