using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SqueezeBert.Files;
using SqueezeBert.Retrieval;

namespace SqueezeBert;

/// <summary>
/// Writes the file of a <see cref="VectorIndex"/>, one vector after another, with constant memory. The file gets its name in
/// <see cref="Complete"/>; without that call, nothing remains. An index cannot be changed afterwards, only written again. Not thread-safe.
/// </summary>
public sealed class VectorIndexWriter : IDisposable
{
    private readonly string _path;
    private readonly VectorIndexWriterOptions _options;
    private readonly VectorRescoring _rescoring;
    private readonly float[] _unit;
    private readonly PendingFile _file;
    private readonly List<FileStream> _parts = [];
    private readonly VectorRows _vectors;
    private readonly VectorRows? _exact;
    private FileStream? _textStarts;
    private FileStream? _texts;
    private long _textBytes;
    private bool _isFailed;
    private bool _isEnded;

    /// <summary>Begins an index under a temporary name in the folder of the file. The folder is created if necessary.</summary>
    /// <param name="path">The path of the file. An existing file is replaced by <see cref="Complete"/>.</param>
    /// <param name="dimensions">The number of components of each vector, 1 to 65,536.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <exception cref="ArgumentException">An option or the number of dimensions is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public VectorIndexWriter(string path, int dimensions, VectorIndexWriterOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, VectorIndexHeader.MaxDimensions);
        _path = path;
        _options = options ?? new VectorIndexWriterOptions();
        _rescoring = RescoringOf(_options);
        if (_options.Fingerprint is { } fingerprint
            && (fingerprint.Length != VectorIndexHeader.FingerprintLength || !fingerprint.All(char.IsAsciiHexDigitLower)))
        {
            throw new ArgumentException(
                $"a fingerprint has {VectorIndexHeader.FingerprintLength} hexadecimal digits in lower case, which '{fingerprint}' has not",
                nameof(options));
        }

        _unit = new float[dimensions];
        _file = new PendingFile(path);
        try
        {
            _file.Stream.Write(new byte[VectorIndexHeader.Size]);
            _vectors = new VectorRows(_options.Precision, dimensions, _file.Stream, OpenPart);
            if (_rescoring != VectorRescoring.None)
                _exact = new VectorRows(VectorIndexHeader.PrecisionOf(_rescoring), dimensions, OpenPart(), OpenPart);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of components of each vector.</summary>
    public int Dimensions => _unit.Length;

    /// <summary>The number of vectors that have been added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a vector. It is normalized to length 1.</summary>
    /// <param name="vector">The vector, with <see cref="Dimensions"/> components.</param>
    /// <param name="text">
    /// The text of the vector, which search results can show; at most 256 MiB in UTF-8. Either all vectors have a text or none has. Invalid
    /// UTF-16 becomes U+FFFD.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The vector has another number of components or a component that is not finite, the text is too long, or a text is given for some
    /// vectors only.
    /// </exception>
    /// <exception cref="InvalidOperationException">The index is complete or full, or an earlier write has failed.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(ReadOnlySpan<float> vector, string? text = null)
    {
        CheckOpen();
        if (vector.Length != Dimensions)
            throw new ArgumentException($"the index has vectors of {Dimensions} components, this one {vector.Length}", nameof(vector));
        if (Count > 0 && text is null != _texts is null)
        {
            throw new ArgumentException(
                $"vector {Count} has {(text is null ? "no text, and those before have one" : "a text, and those before have none")}",
                nameof(text));
        }

        if (text is not null && Encoding.UTF8.GetByteCount(text) > VectorIndex.MaxTextBytes)
            throw new ArgumentException($"the text of vector {Count} has more than {VectorIndex.MaxTextBytes} bytes", nameof(text));
        if (Count == int.MaxValue) throw new InvalidOperationException($"an index has at most {int.MaxValue} vectors");
        VectorForms.Normalize(vector, _unit);
        try
        {
            _vectors.Add(_unit);
            _exact?.Add(_unit);
            if (text is not null) AddText(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }

        Count++;
    }

    /// <summary>Assembles the file, gives it its name after it is stored on the disk, and closes the writer.</summary>
    /// <exception cref="InvalidOperationException">The index is already complete, or an earlier write has failed.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Complete()
    {
        CheckOpen();
        try
        {
            Assemble(new VectorIndexHeader(
                _options.Fingerprint, Dimensions, _options.Precision, _rescoring, _texts is not null, Count, _textBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }

        _file.Commit();
        Dispose();
    }

    /// <summary>Closes the writer. An index that is not complete is deleted.</summary>
    public void Dispose()
    {
        _isEnded = true;
        foreach (var part in _parts) Close(part);
        _file.Dispose();
    }

    private static VectorRescoring RescoringOf(VectorIndexWriterOptions options)
    {
        if (!Enum.IsDefined(options.Precision))
            throw new ArgumentOutOfRangeException(nameof(options.Precision), options.Precision, "There is no such precision.");
        var rescoring = options.Rescoring
            ?? (options.Precision == VectorPrecision.Bits ? VectorRescoring.Int8 : VectorRescoring.None);
        if (!Enum.IsDefined(rescoring))
            throw new ArgumentOutOfRangeException(nameof(options.Rescoring), rescoring, "There is no such rescoring.");
        return rescoring == VectorRescoring.None || options.Precision == VectorPrecision.Bits ? rescoring
            : throw new ArgumentException($"only bits are rescored, and the precision is {options.Precision}", nameof(options));
    }

    private void CheckOpen()
    {
        if (_isFailed) throw new InvalidOperationException($"{_path} could not be written; write the index anew");
        if (_isEnded) throw new InvalidOperationException($"{_path} is complete, or its writer is disposed");
    }

    private void AddText(string text)
    {
        if (_texts is null) (_textStarts, _texts) = (OpenPart(), OpenPart());
        _textStarts!.Write(LittleEndian(_textBytes));
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var count = Encoding.UTF8.GetBytes(text, bytes);
        _texts.Write(bytes, 0, count);
        _textBytes += count;
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Assemble(VectorIndexHeader header)
    {
        _vectors.Finish(_file.Stream, header.Vectors);
        if (header.Exact is { } exact) _exact!.Finish(_file.Stream, exact);
        VectorRows.FillTo(_file.Stream, header.TextStartsOffset);
        if (_texts is not null)
        {
            _textStarts!.Write(LittleEndian(_textBytes));
            VectorRows.Append(_textStarts, _file.Stream);
            VectorRows.Append(_texts, _file.Stream);
        }

        Span<byte> bytes = stackalloc byte[VectorIndexHeader.Size];
        header.Write(bytes);
        _file.Stream.Position = 0;
        _file.Stream.Write(bytes);
    }

    private static byte[] LittleEndian(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private FileStream OpenPart()
    {
        var part = _file.OpenPart();
        _parts.Add(part);
        return part;
    }

    private IOException Failed(Exception exception)
    {
        _isFailed = true;
        return exception is IOException { InnerException: not null } told && told.Message.StartsWith(_path, StringComparison.Ordinal)
            ? told : FileProblem.NotWritten(_path, exception);
    }

    // What is in a buffer is flushed at the end, which fails once more on a full disk.
    private static void Close(FileStream part)
    {
        try
        {
            part.Dispose();
        }
        catch (IOException)
        {
        }
    }
}
