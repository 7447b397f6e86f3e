using SqueezeBert.Checkpoints;

namespace SqueezeBert.Files;

/// <summary>The files of a model by name, on disk or in memory. The name of a file in a subfolder has one '/'.</summary>
internal abstract class ModelFiles
{
    /// <summary>The name of the folder in messages.</summary>
    public abstract string Name { get; }

    /// <summary>The files of a folder on disk.</summary>
    public static ModelFiles Of(string folder) => new OnDisk(folder);

    /// <summary>Creates the files from memory. The names have been checked by <see cref="Problem"/>.</summary>
    public static ModelFiles Of(string name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) => new InMemory(name, "", files);

    /// <summary>Returns what is wrong with the name of a file in memory, or null.</summary>
    public static string? Problem(string? name) =>
        name is not null && name.Split('/') is { Length: 1 or 2 } parts && parts.All(ModelPaths.IsPlainFileName)
            ? null
            : "is not the plain name of a file, or of one in a folder ('1_Pooling/config.json')";

    /// <summary>Returns whether there is a file of that name.</summary>
    /// <exception cref="InvalidModelFileException">The file is a link out of the folder.</exception>
    public abstract bool Has(string name);

    /// <summary>Returns the name of a file in messages.</summary>
    public abstract string PathOf(string name);

    /// <exception cref="InvalidModelFileException">The file does not exist, cannot be opened, or is a link out of the folder.</exception>
    public abstract ByteSource Open(string name);

    /// <summary>Checks that a folder on disk may be listed. Otherwise every file would seem to be missing.</summary>
    /// <exception cref="InvalidModelFileException">The folder may not be listed.</exception>
    public virtual void RequireListable()
    {
    }

    /// <summary>Returns the files of a subfolder, or these files for an empty name.</summary>
    public abstract ModelFiles In(string folder);

    /// <summary>Reads a whole file of at most <paramref name="mostBytes"/> bytes.</summary>
    public byte[] Read(string name, int mostBytes)
    {
        using var source = Open(name);
        return StrictJson.Read(source, mostBytes);
    }

    private sealed class OnDisk(string folder) : ModelFiles
    {
        public override string Name => folder;

        // A link out of the folder is an error and not a file that is missing.
        public override bool Has(string name) => File.Exists(PathOf(name)) && ModelPaths.FileIn(folder, name).Length > 0;

        public override string PathOf(string name) => Path.Combine(folder, name);

        public override void RequireListable() => ModelPaths.RequireListable(folder);

        public override ByteSource Open(string name) => ByteSource.Open(ModelPaths.FileIn(folder, name));

        public override ModelFiles In(string inner) => inner.Length == 0 ? this : new OnDisk(Path.Combine(folder, inner));
    }

    private sealed class InMemory(string place, string prefix, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) : ModelFiles
    {
        public override string Name => place;

        public override bool Has(string name) => files.ContainsKey(prefix + Plain(name));

        public override string PathOf(string name) => $"{place}/{Plain(name)}";

        public override ByteSource Open(string name) => files.TryGetValue(prefix + Plain(name), out var bytes)
            ? ByteSource.InMemory(PathOf(name), bytes)
            : throw new InvalidModelFileException(PathOf(name), null, "is not among the files that were given", kind: ErrorKind.Missing);

        public override ModelFiles In(string inner) =>
            inner.Length == 0 ? this : new InMemory($"{place}/{inner}", $"{prefix}{inner}/", files);

        private static string Plain(string name) => name.Replace('\\', '/');
    }
}
