using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Compression;

namespace SqueezeBert.Training;

/// <summary>
/// Makes a model smaller as far as its task permits. int8, the embedding tables, layers, heads and channels are tried in this order. A
/// change is kept if it loses no more than is permitted on a part of labelled data.
/// </summary>
public static class ModelCompression
{
    /// <summary>Compresses a classification or regression model for texts or pairs.</summary>
    /// <param name="model">The folder of the model. It is not changed.</param>
    /// <param name="output">
    /// The folder to write to. It must be empty or not exist. It is written only after everything has succeeded.
    /// </param>
    /// <param name="options">The data, the permitted loss and the training.</param>
    /// <param name="progress">Receives the progress after each step, on the calling thread. Null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the compression. Nothing is written then.</param>
    /// <returns>What was tried and kept.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such metric.</exception>
    /// <exception cref="DataFormatException">The data cannot be read, or have a label that the model does not have.</exception>
    /// <exception cref="InvalidModelFileException">The model is damaged, or the output folder is not empty.</exception>
    /// <exception cref="UnsupportedModelException">The model has another task, has several heads, or is already quantized.</exception>
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
