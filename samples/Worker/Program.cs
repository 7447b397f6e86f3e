// A worker service: texts come through a bounded channel, answers go out in order, and a stop lets what was taken end.
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SqueezeBert;
using SqueezeBert.Extensions;
using SqueezeBert.Models;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddSqueezeBert(PretrainedModels.Sentiment);
builder.Services.AddSingleton(Channel.CreateBounded<string>(1000));
builder.Services.AddHostedService<ReviewWorker>();
using var host = builder.Build();
await host.StartAsync();

// Whoever has texts writes them here, and waits where the worker does not keep up.
var channel = host.Services.GetRequiredService<Channel<string>>();
foreach (var review in new[] { "A warm and funny film.", "The plot makes no sense.", "Is there a second part?" })
    await channel.Writer.WriteAsync(review);
channel.Writer.Complete();
await host.WaitForShutdownAsync();

internal sealed class ReviewWorker(
    Channel<string> channel, ReloadablePipeline<TextClassifier> pipeline, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var count = 0;

        // The lease keeps the model as long as the stream runs, whatever is reloaded meanwhile.
        using var lease = pipeline.Rent();
        var texts = channel.Reader.ReadAllAsync(stoppingToken);
        await foreach (Classification answer in lease.Pipeline.ClassifyStreamAsync(texts, cancellationToken: stoppingToken))
            Console.WriteLine($"review {++count}: {answer}");
        lifetime.StopApplication();
    }
}
