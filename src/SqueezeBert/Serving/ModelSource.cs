using SqueezeBert.Files;

namespace SqueezeBert;

/// <summary>
/// Where a model comes from: something on disk or in memory, never the network. A string converts to the source that it names.
/// </summary>
public abstract class ModelSource
{
    private const int MaxFiles = 64;

    /// <summary>Where a stream in memory is nearly full: it holds no more than an array.</summary>
    private const long MaxStreamBytes = 1L << 30;

    private protected ModelSource()
    {
    }

    /// <summary>
    /// A folder in the layout of transformers or sentence-transformers, a .safetensors or PyTorch file in one, or an ONNX file.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static ModelSource FromPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new PathSource(path);
    }

    /// <summary>
    /// Files in memory, as of embedded resources or a browser: config.json, model.safetensors, tokenizer.json or vocab.txt, and what a
    /// sentence-transformers folder has ("modules.json", "1_Pooling/config.json"). Nothing is written to disk. The bytes must not change
    /// while the model lives, which reads them again for its fingerprint. Other weights than safetensors are refused.
    /// </summary>
    /// <param name="files">The content by name; in a folder of the model's folder with one '/' ("0_Transformer/config.json").</param>
    /// <param name="name">What messages and telemetry call the model.</param>
    /// <exception cref="ArgumentException">A name is none of a file in a model's folder, or there are too many; the message names
    /// it.</exception>
    public static ModelSource FromFiles(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Check(files.Keys, nameof(files));
        return new MemorySource(ModelFiles.Of(name, new Dictionary<string, ReadOnlyMemory<byte>>(files, StringComparer.Ordinal)));
    }

    /// <summary>As <see cref="FromFiles(IReadOnlyDictionary{string, ReadOnlyMemory{byte}}, string)"/>, from streams.</summary>
    /// <param name="files">The content by name, each at most 2 GB; read to their ends here, and left open.</param>
    /// <param name="name">What messages and telemetry call the model.</param>
    /// <exception cref="ArgumentException">A name is none of a file in a model's folder, or there are too many, or a stream is too long;
    /// the message names it.</exception>
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

    /// <summary>What messages call the model: its path as it was given.</summary>
    public abstract override string ToString();

    /// <summary>A short name for telemetry.</summary>
    internal abstract string Name { get; }

    /// <summary>The files in memory; null where they are on disk.</summary>
    internal virtual ModelFiles? Files => null;

    /// <summary>The folder or file, or what messages call files in memory.</summary>
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

        /// <summary>owner/name of a model in the hub's cache; else the folder.</summary>
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
