using SqueezeBert.Files;

namespace SqueezeBert;

/// <summary>
/// The place that a model is loaded from: files on disk or in memory, never the network. A string converts to the source at that path.
/// </summary>
public abstract class ModelSource
{
    private const int MaxFiles = 64;

    /// <summary>The length at which a memory stream is near the limit of an array.</summary>
    private const long MaxStreamBytes = 1L << 30;

    private protected ModelSource()
    {
    }

    /// <summary>
    /// Creates a source for a path: a folder in the layout of transformers or sentence-transformers, a safetensors or PyTorch file in such
    /// a folder, or an ONNX file.
    /// </summary>
    /// <param name="path">The path of the folder or file.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static ModelSource FromPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new PathSource(path);
    }

    /// <summary>
    /// Creates a source for files in memory, such as embedded resources or files in a browser. They are config.json, model.safetensors,
    /// tokenizer.json or vocab.txt, and the files of a sentence-transformers folder ("modules.json", "1_Pooling/config.json"). Only weights
    /// in the safetensors format are accepted. Nothing is written to disk. The bytes must not change while the model is in use, because its
    /// fingerprint reads them again.
    /// </summary>
    /// <param name="files">
    /// The content of each file, by its name. A file in a subfolder has a name with one '/' ("0_Transformer/config.json").
    /// </param>
    /// <param name="name">The name of the model in messages and telemetry. Not empty.</param>
    /// <exception cref="ArgumentException">
    /// A name is not that of a file in a model folder, or there are too many files. The message names the file.
    /// </exception>
    public static ModelSource FromFiles(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Check(files.Keys, nameof(files));
        return new MemorySource(ModelFiles.Of(name, new Dictionary<string, ReadOnlyMemory<byte>>(files, StringComparer.Ordinal)));
    }

    /// <summary>
    /// Like <see cref="FromFiles(IReadOnlyDictionary{string, ReadOnlyMemory{byte}}, string)"/>, with the content of streams.
    /// </summary>
    /// <param name="files">
    /// The content of each file, by its name; at most 2 GB each. The streams are read to their ends during this call and are left open.
    /// </param>
    /// <param name="name">The name of the model in messages and telemetry. Not empty.</param>
    /// <exception cref="ArgumentException">
    /// A name is not that of a file in a model folder, there are too many files, or a stream is too long. The message names the file.
    /// </exception>
    /// <exception cref="IOException">A stream cannot be read.</exception>
    public static ModelSource FromFiles(IReadOnlyDictionary<string, Stream> files, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Check(files.Keys, nameof(files));
        return new MemorySource(ModelFiles.Of(name, files.ToDictionary(
            file => file.Key, file => ReadToEnd(file.Key, file.Value), StringComparer.Ordinal)));
    }

    /// <inheritdoc cref="FromPath"/>
    public static implicit operator ModelSource(string path) => FromPath(path);

    /// <summary>Returns the name of the model in messages: its path, as given.</summary>
    public abstract override string ToString();

    /// <summary>A short name for telemetry.</summary>
    internal abstract string Name { get; }

    /// <summary>The files in memory, or null if they are on disk.</summary>
    internal virtual ModelFiles? Files => null;

    /// <summary>The path of the folder or file, or the name of files in memory in messages.</summary>
    internal abstract string Path { get; }

    private static void Check(IEnumerable<string> names, string parameter)
    {
        var count = 0;
        foreach (var name in names)
        {
            if (ModelFiles.Problem(name) is { } problem) throw new ArgumentException($"'{MessagePart.OneLine(name)}' {problem}", parameter);
            if (++count > MaxFiles) throw new ArgumentException($"there are more than {MaxFiles} files", parameter);
        }
    }

    private static ReadOnlyMemory<byte> ReadToEnd(string name, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream, name);
        using var bytes = new MemoryStream();
        try
        {
            stream.CopyTo(bytes);
        }
        catch (IOException) when (bytes.Length > MaxStreamBytes)
        {
            throw new ArgumentException($"'{name}' has more than 2 GB: give the model's folder", nameof(stream));
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private sealed class MemorySource(ModelFiles files) : ModelSource
    {
        internal override ModelFiles Files => files;

        internal override string Path => files.Name;

        internal override string Name => files.Name;

        public override string ToString() => files.Name;
    }

    private sealed class PathSource(string path) : ModelSource
    {
        private const string HubPrefix = "models--";

        internal override string Path => path;

        /// <summary>The "owner/name" of a model in the hub's cache, otherwise the name of the folder.</summary>
        internal override string Name
        {
            get
            {
                var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
                var parts = full.Split([System.IO.Path.DirectorySeparatorChar, System.IO.Path.AltDirectorySeparatorChar]);
                if (parts.LastOrDefault(part => part.StartsWith(HubPrefix, StringComparison.Ordinal)) is { } cached)
                    return cached[HubPrefix.Length..].Replace("--", "/", StringComparison.Ordinal);
                return parts is [.., var folder, _] && File.Exists(full) ? folder : parts[^1];
            }
        }

        public override string ToString() => path;
    }
}
