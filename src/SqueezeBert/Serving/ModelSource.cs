namespace SqueezeBert;

/// <summary>Where a model comes from: something on disk, never the network. A string converts to the source that it names.</summary>
public abstract class ModelSource
{
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

    /// <inheritdoc cref="FromPath"/>
    public static implicit operator ModelSource(string path) => FromPath(path);

    /// <summary>What messages call the model: its path as it was given.</summary>
    public abstract override string ToString();

    /// <summary>The folder or file.</summary>
    internal abstract string Path { get; }

    private sealed class PathSource(string path) : ModelSource
    {
        internal override string Path => path;

        public override string ToString() => path;
    }
}
