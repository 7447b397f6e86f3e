// Trains a classifier on a file of yours, from the sentence encoder in the box. appsettings.json says which file; so do options such as
// --Training:File mails.csv.
using SqueezeBertWorker;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.Configure<TrainingSettings>(builder.Configuration.GetSection("Training"));
builder.Services.AddHostedService<TrainingWorker>();
builder.Build().Run();
