using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Safetensors;

/// <summary>
/// The JSON at the beginning of a safetensors file, checked against every rule of the format: strict JSON without duplicate names, known
/// types, exact sizes, and data without gaps or overlaps from the header to the last byte of the file.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The limit of the hub's client. The limit of the format is 100 MB.</summary>
    public const int MaxHeaderLength = 25_000_000;

    /// <summary>SqueezeBERT has about 200 tensors. A header full of empty tensors would take hundreds of megabytes.</summary>
    public const int MaxTensors = 65_536;

    private const int MaxDimensions = 16;
    private readonly string _file;
    private readonly Dictionary<string, Entry> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file) => _file = file;

    /// <summary>The tensors by their names.</summary>
    public Dictionary<string, Entry> Tensors => _tensors;

    public Dictionary<string, string> Metadata => _metadata;

    /// <param name="json">The bytes of the header.</param>
    /// <param name="dataLength">The number of bytes of the file after the header.</param>
    /// <param name="file">The name of the file in messages.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        if (json.IsEmpty || json[0] != '{')
            throw new InvalidModelFileException(file, null, "the header does not begin with '{'; this is not a safetensors file");
        if (!Utf8.IsValid(json)) throw new InvalidModelFileException(file, null, "the header is not UTF-8");
        var header = new SafetensorsHeader(file);
        try
        {
            var reader = new Utf8JsonReader(json.TrimEnd((byte)' '), new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            header.ReadTensors(ref reader);
            if (reader.Read()) throw header.Error(null, "the header has something after its JSON object");
        }
        catch (JsonException e)
        {
            throw new InvalidModelFileException(file, null, $"the header is not valid JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for an escaped lone surrogate.
            throw new InvalidModelFileException(file, null, "the header has a string that is not valid Unicode", e);
        }

        header.CheckLayout(dataLength);
        return header;
    }

    private void ReadTensors(ref Utf8JsonReader reader)
    {
        var hasMetadata = false;
        while (ReadName(ref reader, out var name))
        {
            if (name == "__metadata__")
            {
                if (hasMetadata) throw Error(name, "is there twice");
                hasMetadata = true;
                ReadMetadata(ref reader);
                continue;
            }

            if (_tensors.Count == MaxTensors) throw Error(null, $"has more than {MaxTensors} tensors");
            if (!_tensors.TryAdd(name, ReadTensor(ref reader, name))) throw Error(name, "is there twice");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Error("__metadata__", "is not an object");
        while (ReadName(ref reader, out var name))
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw Error("__metadata__", $"'{name}' is not a string");
            if (_metadata.Count == MaxTensors) throw Error("__metadata__", $"has more than {MaxTensors} texts");
            if (!_metadata.TryAdd(name, reader.GetString()!)) throw Error("__metadata__", $"'{name}' is there twice");
        }
    }

    private Entry ReadTensor(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw Error(name, "is not an object");
        string? typeName = null;
        ImmutableArray<long> shape = default;
        ImmutableArray<long> offsets = default;
        while (ReadName(ref reader, out var field))
        {
            reader.Read();
            switch (field)
            {
                case "dtype" when typeName is null && reader.TokenType == JsonTokenType.String:
                    typeName = reader.GetString();
                    break;
                case "shape" when shape.IsDefault:
                    shape = ReadNumbers(ref reader, name, field);
                    break;
                case "data_offsets" when offsets.IsDefault:
                    offsets = ReadNumbers(ref reader, name, field);
                    break;
                default:
                    throw Error(name, $"field '{field}' is unknown, there twice or of the wrong kind");
            }
        }

        if (typeName is null) throw Error(name, "has no 'dtype'");
        if (shape.IsDefault) throw Error(name, "has no 'shape'");
        if (offsets.IsDefault) throw Error(name, "has no 'data_offsets'");
        var type = TensorTypes.FromSafetensorsName(typeName)
            ?? throw Error(name,
                $"type '{typeName}' is not supported; supported are " +
                    $"{string.Join(", ", Enum.GetValues<TensorType>().Select(TensorTypes.SafetensorsName))}");
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw Error(name, "'data_offsets' must be a begin and an end that is not before it");
        var bytes = ByteCount(name, type, shape);
        if (offsets[1] - offsets[0] != bytes)
            throw Error(
                name, $"'data_offsets' span {offsets[1] - offsets[0]} bytes, {typeName} [{string.Join(", ", shape)}] takes {bytes}");
        return new Entry(new TensorInfo(name, type, shape, bytes), offsets[0]);
    }

    private ImmutableArray<long> ReadNumbers(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Error(name, $"'{field}' is not a list of numbers");
        var numbers = ImmutableArray.CreateBuilder<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Error(name, $"'{field}' has a value that is not a whole number of 0 to 2^63 - 1");
            if (numbers.Count == MaxDimensions) throw Error(name, $"'{field}' has more than {MaxDimensions} values");
            numbers.Add(number);
        }

        return numbers.DrainToImmutable();
    }

    private long ByteCount(string name, TensorType type, ImmutableArray<long> shape)
    {
        try
        {
            long count = TensorTypes.SizeOf(type);
            foreach (var size in shape) count = checked(count * size);
            return count;
        }
        catch (OverflowException)
        {
            throw Error(name, $"shape [{string.Join(", ", shape)}] is too large");
        }
    }

    private void CheckLayout(long dataLength)
    {
        // Most files list their tensors in the order of their data, which need not be sorted then.
        var entries = _tensors.Values.ToArray();
        long end = 0;
        var isSorted = true;
        foreach (var entry in entries)
        {
            isSorted &= entry.Begin == end;
            end = entry.Begin + entry.Info.ByteCount;
        }

        if (!isSorted)
            Array.Sort(
                entries, static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.Info.ByteCount.CompareTo(b.Info.ByteCount));
        end = 0;
        foreach (var (info, begin) in entries)
        {
            if (begin < end) throw Error(info.Name, "overlaps another tensor's data");
            if (begin > end) throw Error(info.Name, $"leaves a hole of {begin - end} bytes before its data");
            end = begin + info.ByteCount;
            if (end > dataLength) throw Error(info.Name, $"its data end {end - dataLength} bytes after the file; the file is truncated");
        }

        if (end != dataLength) throw Error(null, $"has {dataLength - end} bytes after the last tensor");
    }

    private static bool ReadName(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        var isName = reader.TokenType == JsonTokenType.PropertyName;
        name = isName ? reader.GetString()! : "";
        return isName;
    }

    private InvalidModelFileException Error(string? item, string reason) => new(_file, item, reason);

    /// <summary>A tensor and the offset of its first byte from the end of the header.</summary>
    public sealed record Entry(TensorInfo Info, long Begin);
}
