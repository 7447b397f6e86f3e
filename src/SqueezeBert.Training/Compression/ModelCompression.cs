using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Compression;

namespace SqueezeBert.Training;

/// <summary>
/// Makes a model smaller as far as its task allows: int8, the tables, layers, heads and channels are tried in this order, and what loses no
/// more than it may on a part of labelled data is kept.
/// </summary>
public static class ModelCompression
{
    /// <summary>Compresses a classifier or regression of texts or pairs.</summary>
    /// <param name="model">The model's folder; it stays as it is.</param>
    /// <param name="output">A folder that does not exist or is empty. It is written when everything has ended well.</param>
    /// <param name="options">Data, loss, healing.</param>
    /// <param name="progress">Told of each step, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the work; nothing is written then.</param>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such metric.</exception>
    /// <exception cref="DataFormatException">The data cannot be read, or have a label that the model does not know.</exception>
    /// <exception cref="InvalidModelFileException">The model is damaged, or the output is not free.</exception>
    /// <exception cref="UnsupportedModelException">The model has another task, several heads, or is quantized already.</exception>
    public static CompressionReport Run(
        string model, string output, CompressionOptions options, IProgress<CompressionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.MaxLoss >= 0)) throw new ArgumentOutOfRangeException(nameof(options), options.MaxLoss, "MaxLoss must be at least 0.");
        if (!(options.HealEpochs >= 0) || !double.IsFinite(options.HealEpochs))
            throw new ArgumentOutOfRangeException(nameof(options), options.HealEpochs, "HealEpochs must be at least 0.");
        if (!(options.LearningRate > 0))
            throw new ArgumentOutOfRangeException(nameof(options), options.LearningRate, "LearningRate must be above 0.");
        if (options.Examples < 1) throw new ArgumentOutOfRangeException(nameof(options), options.Examples, "Examples must be at least 1.");
        if (options.Threads is < 1) throw new ArgumentOutOfRangeException(nameof(options), options.Threads, "Threads must be at least 1.");
        using var run = new CompressionRun(model, output, options, progress, cancellationToken);
        return run.Execute();
    }
}
