using Microsoft.Extensions.Options;
using SqueezeBert;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;
using SqueezeBert.Training;

namespace SqueezeBertWorker;

/// <summary>Trains on the file, measures the model on texts that were held out, and tries it.</summary>
public sealed class TrainingWorker(
    IOptions<TrainingSettings> options, IHostApplicationLifetime lifetime, ILogger<TrainingWorker> logger) : BackgroundService
{
    private readonly TrainingSettings _settings = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            do
            {
                var trained = File.GetLastWriteTimeUtc(_settings.File);
                await Task.Run(() => Train(stoppingToken), stoppingToken);
                while (_settings.Watch && File.GetLastWriteTimeUtc(_settings.File) == trained)
                    await Task.Delay(TimeSpan.FromSeconds(5), stoppingToken);
            }
            while (_settings.Watch);
        }
        catch (Exception e) when (e is SqueezeBertException or IOException or UnauthorizedAccessException)
        {
            logger.LogError("{Message}", e.Message);
            Environment.ExitCode = 1;
        }

        lifetime.StopApplication();
    }

    private void Train(CancellationToken stoppingToken)
    {
        var examples = ExampleReader.Read(_settings.File, _settings.TextColumn, labelColumn: _settings.LabelColumn,
            cancellationToken: stoppingToken);
        var labels = examples.Select(example => example.Label).Distinct().Order().ToList();
        var recipe = new Recipe
        {
            // The start for labels of any kind. For labels of sentiment, PretrainedModels.Sentiment of SqueezeBert.Models is better.
            From = EmbeddingModels.English,
            Output = Path.Combine(_settings.Output, DateTime.UtcNow.ToString("yyyyMMdd-HHmmss")),
            Stages =
            [
                new StageRecipe
                {
                    Name = "texts",
                    Task = TrainingTasks.SingleLabel,
                    Data = [new DataSource { File = _settings.File, Text = _settings.TextColumn, Label = _settings.LabelColumn }],
                    Labels = [.. labels.Select(label => (label, label))],
                    Epochs = _settings.Epochs,
                    BatchSize = 16,
                    LearningRate = 5e-4,
                },
            ],
        };
        logger.LogInformation("training on {File}: {Labels}", _settings.File, string.Join(", ", labels));
        var result = Trainer.Run(recipe, cancellationToken: stoppingToken);
        var stage = result.Stages[^1];
        logger.LogInformation("accuracy on held-out texts: {Accuracy:P0}; of a linear model: {Baseline:P0}",
            stage.Evaluation?.Accuracy, stage.BaselineAccuracy);

        using var classifier = TextClassifier.Load(result.Output);
        var text = examples.First().Text;
        logger.LogInformation("{Folder} says {Answer} of: {Text}", result.Output, classifier.Classify(text), text);
    }
}
